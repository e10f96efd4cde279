package dev.forebay.blob;

/**
 * The staged files of puts that a crash cut short. None was acknowledged; all were deleted.
 *
 * @param files their number
 * @param bytes the sum of their sizes
 */
public record Leftovers(long files, long bytes) {}
