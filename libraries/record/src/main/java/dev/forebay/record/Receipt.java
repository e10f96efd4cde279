package dev.forebay.record;

import dev.forebay.base.Durability;

/**
 * What an add was given.
 *
 * @param first the sequence number of the first record, 0 if none was kept
 * @param last that of the last
 * @param durability what the records survive from now on
 * @param dropped how many of the records were dropped because the buffer was full
 */
public record Receipt(long first, long last, Durability durability, int dropped) {}
