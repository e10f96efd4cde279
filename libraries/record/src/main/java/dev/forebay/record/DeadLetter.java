package dev.forebay.record;

import java.util.List;

/**
 * Records that a delivery gave up, kept until they are replayed or discarded.
 *
 * @param <T> what a record is
 * @param batch the id of their batch
 * @param first the sequence number of the first
 * @param reason what the delivery said
 * @param records the records, oldest first
 */
public record DeadLetter<T>(long batch, long first, String reason, List<T> records) {
    /** Copies the list. */
    public DeadLetter {
        records = List.copyOf(records);
    }
}
