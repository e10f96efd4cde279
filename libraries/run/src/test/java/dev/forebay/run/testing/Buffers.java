package dev.forebay.run.testing;

import dev.forebay.base.ByteSize;
import dev.forebay.blob.Container;
import dev.forebay.blob.testing.FaultyContainer;
import dev.forebay.blob.testing.MemoryContainer;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.EndMarker;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Buffers in memory, made when they are first asked for. */
public final class Buffers implements Function<String, Container> {
    private final Map<String, MemoryContainer> containers = new ConcurrentHashMap<>();
    private final Map<String, Container> before = new ConcurrentHashMap<>();

    @Override
    public Container apply(String id) {
        return before.getOrDefault(id, memory(id));
    }

    public MemoryContainer memory(String id) {
        return containers.computeIfAbsent(id, _ -> new MemoryContainer());
    }

    /** The next who opens the buffer reaches it through a container that holds up its puts. */
    public FaultyContainer slow(String id) {
        FaultyContainer slow = new FaultyContainer(memory(id), 1, 0);
        slow.holdPuts();
        before.put(id, slow);
        return slow;
    }

    /** Bytes that look random, the same for the same size. */
    public static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    /** Writes the whole buffer. */
    public void write(String id, byte[] bytes) {
        write(id, Channels.newChannel(new ByteArrayInputStream(bytes)));
    }

    /** Writes what comes; blocks until its end. */
    public void write(String id, ReadableByteChannel source) {
        new BufferWriter(
                        apply(id),
                        WriteOptions.defaults()
                                .withDop(2)
                                .withBlockSize(ByteSize.ofMiB(1))
                                .withFlushInterval(Duration.ofMillis(10)))
                .write(source);
    }

    /** Reads the whole buffer, waiting for its end. */
    public byte[] read(String id) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        read(id, Channels.newChannel(bytes));
        return bytes.toByteArray();
    }

    /** Reads the whole buffer as it comes. */
    public void read(String id, WritableByteChannel target) {
        new BufferReader(apply(id), ReadOptions.defaults().withDop(2)).read(target);
    }

    /** What the end marker says: {@code complete}, {@code failed}, or {@code open} without one. */
    public String end(String id) {
        return memory(id).head(EndMarker.NAME).isEmpty()
                ? "open"
                : EndMarker.parse(ByteBuffer.wrap(memory(id).body(EndMarker.NAME))).status();
    }
}
