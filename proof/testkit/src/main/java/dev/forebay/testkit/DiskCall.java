package dev.forebay.testkit;

import java.nio.file.Path;

/**
 * One call on a {@link SimulatedDisk}.
 *
 * @param number from 1, in the order in which calls began to take effect
 * @param position in the file, or 0
 * @param length bytes asked for, or 0
 */
public record DiskCall(long number, Kind kind, Path path, long position, long length) {
    /** What was called; {@link #STORE} is a store into a mapping. */
    public enum Kind {
        OPEN,
        CREATE,
        CREATE_DIRECTORY,
        LINK,
        RENAME,
        DELETE,
        SYNC_DIRECTORY,
        SYNC_ALL,
        LIST,
        STAT,
        LOCK,
        READ,
        WRITE,
        TRUNCATE,
        ALLOCATE,
        SYNC,
        MAP,
        STORE,
        FORCE;

        /** Whether the call can change what a crash leaves. */
        public boolean changes() {
            return switch (this) {
                case OPEN, LIST, STAT, LOCK, READ, MAP -> false;
                default -> true;
            };
        }
    }

    @Override
    public String toString() {
        return "#"
                + number
                + " "
                + kind
                + " "
                + path
                + (length > 0 ? " [" + position + ", +" + length + "]" : "");
    }
}
