package dev.forebay.run;

import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;

/** How the pipes of a run read and write buffers. */
public record Transfers(ReadOptions reading, WriteOptions writing) {
    /** Four blobs at a time each way, otherwise the defaults of readers and writers. */
    public static Transfers defaults() {
        return new Transfers(ReadOptions.defaults().withDop(4), WriteOptions.defaults().withDop(4));
    }
}
