package dev.forebay.run;

import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import java.time.Duration;

/**
 * How the pipes of a run read and write buffers.
 *
 * @param reading of inputs
 * @param writing of outputs
 */
public record Transfers(ReadOptions reading, WriteOptions writing) {
    /** How long the first byte of a block waits for more, so that who follows sees it soon. */
    private static final Duration FLUSH = Duration.ofMillis(40);

    /**
     * Four blobs at a time each way, and a block at most 40 ms after its first byte; otherwise the
     * defaults of readers and writers.
     *
     * @return such transfers
     */
    public static Transfers defaults() {
        return new Transfers(
                ReadOptions.defaults().withDop(4),
                WriteOptions.defaults().withDop(4).withFlushInterval(FLUSH));
    }
}
