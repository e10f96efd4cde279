package dev.forebay.datalog.export;

/**
 * What was exported.
 *
 * @param messages text, comments, events and blobs
 * @param ticks samples of signals
 * @param signals how many signals there are; one schema of one source is one
 * @param undecoded messages of a known type whose bytes are not of it; they are kept as bytes
 * @param leftOut entries with an empty payload that the file counts and does not hold
 */
public record ExportReport(long messages, long ticks, long signals, long undecoded, long leftOut) {}
