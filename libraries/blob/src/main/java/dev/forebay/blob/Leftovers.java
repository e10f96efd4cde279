package dev.forebay.blob;

/**
 * What puts that a crash cut short had staged, which nobody was told of and which was deleted.
 *
 * @param files how many
 * @param bytes their sizes together
 */
public record Leftovers(long files, long bytes) {}
