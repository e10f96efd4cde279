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
    /**
     * The length of the mapping.
     *
     * @return bytes
     */
    long size();

    /**
     * Stores bytes of an array.
     *
     * @param at where the first one goes
     * @param source has the bytes
     * @param from the place of the first one in {@code source}
     * @param length how many
     */
    void put(long at, byte[] source, int from, int length);

    /**
     * Stores four bytes.
     *
     * @param at where they begin
     * @param value the number
     */
    void putInt(long at, int value);

    /**
     * Stores eight bytes.
     *
     * @param at where they begin
     * @param value the number
     */
    void putLong(long at, long value);

    /**
     * Reads bytes into an array.
     *
     * @param at where the first one is
     * @param target takes the bytes
     * @param from the place of the first one in {@code target}
     * @param length how many
     */
    void get(long at, byte[] target, int from, int length);

    /**
     * Reads four bytes.
     *
     * @param at where they begin
     * @return the number
     */
    int getInt(long at);

    /**
     * Reads eight bytes.
     *
     * @param at where they begin
     * @return the number
     */
    long getLong(long at);

    /**
     * Has the pages of {@code length} bytes from {@code at} in memory, so that a store there does
     * not wait for the device: the pages around one that is touched are not read unasked. With
     * {@code forStores} it does not wait for the file system either, but the next sync writes all
     * of these pages. Changes no byte and is safe beside stores by others. Blocks for the device.
     *
     * @param at where the range begins
     * @param length of the range, in bytes
     * @param forStores whether it is about to be stored into
     * @throws IOException if a page cannot be read or got
     */
    void warm(long at, long length, boolean forStores) throws IOException;

    /**
     * Makes the stores into {@code length} bytes from {@code at} durable ({@code msync}).
     *
     * @param at where the range begins
     * @param length of the range, in bytes
     * @throws IOException if nothing is known of the stores made since the last success
     */
    void force(long at, long length) throws IOException;

    @Override
    void close();
}
