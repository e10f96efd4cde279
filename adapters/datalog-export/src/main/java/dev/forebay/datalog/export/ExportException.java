package dev.forebay.datalog.export;

import dev.forebay.base.ForebayException;

/** A file cannot be written in another format; the message says why, and what to do. */
public final class ExportException extends ForebayException {
    ExportException(String message) {
        super(message);
    }

    /** False: the same file gives the same fault. */
    @Override
    public boolean mayRetry() {
        return false;
    }
}
