package dev.forebay.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** A shared mapping as a {@link MemorySegment}; closing it unmaps at once. */
final class SystemDiskMapping implements DiskMapping {
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int PAGE = 4096;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;

    SystemDiskMapping(FileChannel channel, long offset, long length) throws IOException {
        memory = channel.map(FileChannel.MapMode.READ_WRITE, offset, length, arena);
        if (SystemCalls.available()) {
            // Else the first touch of a page waits for the window around it, 8 MiB and more.
            SystemCalls.readUnaskedNothing(memory, arena);
        }
    }

    @Override
    public long size() {
        return memory.byteSize();
    }

    @Override
    public void put(long at, byte[] source, int from, int length) {
        MemorySegment.copy(source, from, memory, ValueLayout.JAVA_BYTE, at, length);
    }

    @Override
    public void putInt(long at, int value) {
        memory.set(INT, at, value);
    }

    @Override
    public void putLong(long at, long value) {
        memory.set(LONG, at, value);
    }

    @Override
    public void get(long at, byte[] target, int from, int length) {
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at, target, from, length);
    }

    @Override
    public int getInt(long at) {
        return memory.get(INT, at);
    }

    @Override
    public long getLong(long at) {
        return memory.get(LONG, at);
    }

    @Override
    public void warm(long at, long length, boolean forStores) throws IOException {
        MemorySegment range = memory.asSlice(at, length);
        if (!SystemCalls.available() || !SystemCalls.populate(range, arena, forStores)) {
            touch(range);
        }
    }

    /** Reads a byte of each page, which the first store still has to make writable. */
    private static void touch(MemorySegment range) throws IOException {
        try {
            for (long at = 0; at < range.byteSize(); at += PAGE) {
                range.get(ValueLayout.JAVA_BYTE, at);
            }
        } catch (InternalError e) {
            // This is how the virtual machine tells of a page that the device did not give.
            throw new IOException("a page of a mapped file cannot be read", e);
        }
    }

    @Override
    public void force(long at, long length) throws IOException {
        try {
            memory.asSlice(at, length).force();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
