package dev.forebay.record;

import java.nio.charset.StandardCharsets;

/**
 * Turns records into bytes and back. Framing is the journal's: any bytes will do, line ends
 * included. Called by many threads, outside of every lock except where a batch has to be divided by
 * bytes or a dead letter is carried to the end of its journal.
 */
public interface Codec<T> {
    /** The bytes of {@code record}; what it throws reaches the adder, and nothing was added. */
    byte[] encode(T record);

    /** The record of {@code bytes}, which {@link #encode} gave, in this run or an earlier one. */
    T decode(byte[] bytes);

    /** Bytes as they are; the array belongs to the buffer from then on. */
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

    /** Strings as UTF-8; an unpaired surrogate becomes a question mark. */
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
