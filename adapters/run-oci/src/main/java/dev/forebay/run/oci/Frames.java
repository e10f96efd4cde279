package dev.forebay.run.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Standard output and standard error of a container as one stream, in the order in which the engine
 * read them. The engine puts a head before the bytes of each:
 *
 * <pre>
 *  0        1        4        8
 *  | stream | 0 0 0  | length | bytes ...      length big-endian
 * </pre>
 *
 * <p>It ends where the engine's bytes end, within a frame too, and keeps why in {@link #failure}: a
 * log never fails with its connection.
 */
final class Frames extends InputStream {
    private static final int HEAD = 8;

    private final InputStream source;
    private final byte[] head = new byte[HEAD];
    private long left;
    private String failure = "";

    Frames(InputStream source) {
        this.source = source;
    }

    /** Why the bytes ended before their engine did; empty if they did not. */
    String failure() {
        return failure;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int most) {
        try {
            while (left == 0) {
                if (source.readNBytes(head, 0, HEAD) < HEAD) {
                    return -1;
                }
                left = Integer.toUnsignedLong(ByteBuffer.wrap(head).getInt(HEAD / 2));
            }
            int count = source.read(target, from, (int) Math.min(most, left));
            left -= Math.max(count, 0);
            return count;
        } catch (IOException e) {
            failure = dev.forebay.base.Reason.of(e);
            return -1;
        }
    }
}
