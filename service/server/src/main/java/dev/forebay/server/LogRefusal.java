package dev.forebay.server;

import dev.forebay.base.ForebayException;

/** A request to the log is refused: a status, and a sentence that its client shows. */
final class LogRefusal extends ForebayException {
    private final int status;

    LogRefusal(int status, String sentence) {
        super(sentence);
        this.status = status;
    }

    int status() {
        return status;
    }

    /** True if it says that something passes by itself. */
    @Override
    public boolean mayRetry() {
        return status == 429 || status == 503;
    }
}
