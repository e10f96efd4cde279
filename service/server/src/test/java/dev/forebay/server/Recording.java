package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Random;

/**
 * A stream of any length that is played and compared byte for byte while nobody holds it. It
 * repeats itself after a prime number of bytes, so that no two of its blocks are alike. Each end is
 * for one thread.
 */
final class Recording {
    private static final int PERIOD = 1_000_003;
    private static final byte[] BYTES = new byte[PERIOD];

    static {
        new Random(PERIOD).nextBytes(BYTES);
    }

    private Recording() {}

    /** What comes at {@code position}, at most {@code length} bytes of it. */
    private static ByteBuffer at(long position, int length) {
        int from = (int) (position % PERIOD);
        return ByteBuffer.wrap(BYTES, from, Math.min(length, PERIOD - from));
    }

    /** Gives its first {@code length} bytes. */
    static final class Player implements ReadableByteChannel {
        private final long length;
        private long played;

        Player(long length) {
            this.length = length;
        }

        @Override
        public int read(ByteBuffer target) {
            if (played == length) {
                return -1;
            }
            ByteBuffer next = at(played, (int) Math.min(length - played, target.remaining()));
            int count = next.remaining();
            target.put(next);
            played += count;
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** Takes nothing but its bytes, from the first on. */
    static final class Listener implements WritableByteChannel {
        private long heard;

        @Override
        public int write(ByteBuffer source) {
            int length = source.remaining();
            while (source.hasRemaining()) {
                ByteBuffer expected = at(heard, source.remaining());
                int count = expected.remaining();
                ByteBuffer got = source.slice(source.position(), count);
                int difference = got.mismatch(expected);
                assertThat(difference).as("first wrong byte after %s", heard).isEqualTo(-1);
                source.position(source.position() + count);
                heard += count;
            }
            return length;
        }

        /** How many came. */
        long heard() {
            return heard;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
