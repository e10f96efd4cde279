package dev.forebay.stream;

import dev.forebay.base.ByteSize;
import dev.forebay.blob.Container;
import dev.forebay.blob.testing.MemoryContainer;
import dev.forebay.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;

/** What the tests of writers and readers share. */
final class Streams {
    private Streams() {}

    static final WriteOptions WRITE =
            WriteOptions.defaults()
                    .withDop(3)
                    .withBlockSize(ByteSize.of(1000))
                    .withFlushInterval(Duration.ZERO);

    /**
     * The same in a time that stands still, so that the word of a writer that gives up has all the
     * time that a busy machine needs. It never comes to the end of a pause between two tries.
     */
    static WriteOptions withoutHurry() {
        return WRITE.withClock(new ManualClock());
    }

    static final ReadOptions READ = ReadOptions.defaults().withDop(4);

    /** Five blocks of {@link #WRITE}. */
    static final byte[] BYTES = random(1, 5000);

    /** The text of the end marker. */
    static String endMarker(MemoryContainer container) {
        return new String(container.body(EndMarker.NAME), StandardCharsets.UTF_8);
    }

    static byte[] random(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static ReadableByteChannel channel(byte[] bytes) {
        return Channels.newChannel(new ByteArrayInputStream(bytes));
    }

    static WriteResult write(Container container, byte[] bytes) {
        return new BufferWriter(container, WRITE).write(channel(bytes));
    }

    static byte[] read(Container container) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new BufferReader(container, READ).read(Channels.newChannel(out));
        return out.toByteArray();
    }
}
