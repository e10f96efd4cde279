package dev.forebay.record;

import dev.forebay.base.Durability;

/**
 * What a closed buffer still had.
 *
 * @param records how many records were not committed
 * @param where {@code ACCEPTED}: they were in memory and are dropped; otherwise they are in the
 *     journal, as durable as named, and a reopening gives them
 */
public record Remainder(long records, Durability where) {}
