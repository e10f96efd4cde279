package dev.forebay.stream;

import org.jspecify.annotations.Nullable;

/** The transfer's thread was interrupted; its interrupt flag is set again. */
public final class TransferInterruptedException extends BufferException {
    TransferInterruptedException(String doing, @Nullable Throwable cause) {
        super("interrupted while " + doing, cause);
    }
}
