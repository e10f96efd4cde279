package dev.forebay.blob;

import java.time.Duration;
import java.util.Optional;

/**
 * How long to wait for a blob that is not there yet.
 *
 * @param atMost zero or negative: do not wait
 * @param orUntil a second blob whose appearance ends the wait too, because the first will then
 *     never come; a container behind a protocol that knows its own end marker may ignore it
 */
public record Wait(Duration atMost, Optional<BlobName> orUntil) {
    /** Answer at once. */
    public static final Wait NONE = new Wait(Duration.ZERO, Optional.empty());

    /**
     * Waits for a blob, or until another one shows that it will not come.
     *
     * @param atMost how long; none if it is not positive
     * @param orUntil ends the wait too, such as an end marker
     * @return that wait
     */
    public static Wait upTo(Duration atMost, BlobName orUntil) {
        return new Wait(atMost, Optional.of(orUntil));
    }
}
