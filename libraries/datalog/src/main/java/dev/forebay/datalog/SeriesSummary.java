package dev.forebay.datalog;

/**
 * What a page holds of one series.
 *
 * @param key which series
 * @param entries how many entries; a block of ticks counts each tick
 * @param empty how many of them have an empty payload
 * @param bytes of their payloads
 * @param range the times of their beginnings and ends
 */
public record SeriesSummary(SeriesKey key, long entries, long empty, long bytes, TimeRange range) {}
