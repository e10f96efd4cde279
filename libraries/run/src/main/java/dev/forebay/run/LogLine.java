package dev.forebay.run;

import java.time.Instant;

/**
 * One line of a log.
 *
 * @param at when its last byte came; never before the line before it
 * @param text without the line feed, in the encoding of the program
 * @param whole false if no line feed followed: at the end, or where a long line was divided
 */
@SuppressWarnings("ArrayRecordComponent") // A line is compared by tests alone, as text.
public record LogLine(Instant at, byte[] text, boolean whole) {}
