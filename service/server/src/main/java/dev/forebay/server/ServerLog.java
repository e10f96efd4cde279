package dev.forebay.server;

/**
 * What a server says on standard error.
 *
 * @param level lines below it are left out; below {@code WARNING} this holds for lines of the
 *     server itself, since libraries would name URLs with their signatures
 * @param json whether each line is an object of JSON
 * @param requests whether each request is a line: method, path without its query, status, bytes of
 *     the answer and milliseconds
 */
public record ServerLog(System.Logger.Level level, boolean json, boolean requests) {
    /** Warnings and worse, as text. */
    public static final ServerLog DEFAULT =
            new ServerLog(System.Logger.Level.WARNING, false, false);
}
