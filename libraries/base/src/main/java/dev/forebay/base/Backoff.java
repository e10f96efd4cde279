package dev.forebay.base;

import java.time.Duration;

/** How long to wait between tries: each pause is twice the one before. For use by one thread. */
public final class Backoff {
    private final Duration first;
    private final Duration longest;
    private Duration next;

    /**
     * Pauses that begin at {@code first} and double up to {@code longest}.
     *
     * @param first the pause after the first failure
     * @param longest no pause is longer
     */
    public Backoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    /** {@return the pause before the next try} */
    public Duration next() {
        Duration now = next;
        Duration twice = now.multipliedBy(2);
        next = twice.compareTo(longest) < 0 ? twice : longest;
        return now;
    }

    /** A try succeeded: the next pause is the first again. */
    public void reset() {
        next = first;
    }
}
