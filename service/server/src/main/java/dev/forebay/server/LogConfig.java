package dev.forebay.server;

import dev.forebay.base.ByteSize;

/**
 * What a server does with its data log.
 *
 * @param allowance what its pages may take on the disk
 * @param plain400 whether downloads with wrong parameters are answered with 400, as HTTP has it,
 *     rather than with 403, as the reference has it
 */
public record LogConfig(ByteSize allowance, boolean plain400) {
    /** The least allowance. */
    private static final ByteSize LEAST = ByteSize.ofMiB(1);

    /** 60 GB, and the reference's status. */
    public static final LogConfig DEFAULT = new LogConfig(ByteSize.of(60_000_000_000L), false);

    public LogConfig {
        if (allowance.bytes() < LEAST.bytes()) {
            throw new IllegalArgumentException(
                    "the allowance of the log must be %s or more, not %s"
                            .formatted(LEAST, allowance));
        }
    }

    int badSpan() {
        return plain400 ? 400 : LogFace.BAD_SPAN;
    }
}
