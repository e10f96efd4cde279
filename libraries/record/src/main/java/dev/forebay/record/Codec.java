package dev.forebay.record;

import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * Turns records into bytes and back. Framing is the journal's: any bytes will do, line ends
 * included. Called by many threads, and with no lock of the buffer held, except that opening a
 * buffer decodes before any other thread has it.
 *
 * @param <T> what a record is
 */
public interface Codec<T> {
    /**
     * The bytes of {@code record}; what it throws reaches the adder, and nothing was added.
     *
     * @param record one that is added
     * @return its bytes, which the buffer may keep
     */
    byte[] encode(T record);

    /**
     * The record of {@code bytes}, which {@link #encode} gave, in this run or an earlier one.
     *
     * @param bytes of one record
     * @return that record
     */
    T decode(byte[] bytes);

    /**
     * A codec of two functions, which many threads may call.
     *
     * @param <T> what a record is
     * @param encode gives the bytes of a record
     * @param decode gives the record back
     * @return that codec
     */
    static <T> Codec<T> of(
            Function<? super T, byte[]> encode, Function<byte[], ? extends T> decode) {
        return new Codec<>() {
            @Override
            public byte[] encode(T record) {
                return encode.apply(record);
            }

            @Override
            public T decode(byte[] bytes) {
                return decode.apply(bytes);
            }
        };
    }

    /** {@return bytes as they are; the array belongs to the buffer from then on} */
    static Codec<byte[]> bytes() {
        return new Codec<>() {
            @Override
            public byte[] encode(byte[] record) {
                return record;
            }

            @Override
            public byte[] decode(byte[] bytes) {
                return bytes;
            }
        };
    }

    /** {@return strings as UTF-8; an unpaired surrogate becomes a question mark} */
    static Codec<String> strings() {
        return new Codec<>() {
            @Override
            public byte[] encode(String record) {
                return record.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String decode(byte[] bytes) {
                return new String(bytes, StandardCharsets.UTF_8);
            }
        };
    }
}
