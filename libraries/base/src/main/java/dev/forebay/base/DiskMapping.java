package dev.forebay.base;

import java.io.IOException;

/**
 * A part of a file as memory: a store survives the process as soon as it is made, and the machine
 * only after {@link #force} or {@link DiskFile#sync}. Until then any subset of the stored 512-byte
 * sectors may reach the device, in any order. Numbers are little-endian; positions are from the
 * start of the mapping and checked against its size.
 *
 * <p>Stores by many threads to disjoint ranges are safe. Using a closed mapping is an {@link
 * IllegalStateException}.
 */
public interface DiskMapping extends AutoCloseable {
    long size();

    void put(long at, byte[] source, int from, int length);

    void putInt(long at, int value);

    void putLong(long at, long value);

    void get(long at, byte[] target, int from, int length);

    int getInt(long at);

    long getLong(long at);

    /**
     * Has the pages of {@code length} bytes from {@code at} in memory, so that a store there does
     * not wait for the device: the pages around one that is touched are not read unasked. With
     * {@code forStores} it does not wait for the file system either, but the next sync writes all
     * of these pages. Changes no byte and is safe beside stores by others. Blocks for the device.
     *
     * @throws IOException if a page cannot be read or got
     */
    void warm(long at, long length, boolean forStores) throws IOException;

    /** Makes the stores into {@code length} bytes from {@code at} durable ({@code msync}). */
    void force(long at, long length) throws IOException;

    @Override
    void close();
}
