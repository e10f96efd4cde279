package dev.forebay.stream;

/**
 * Whether the readers of a buffer were told that its write failed, which the end marker
 * <em>failed</em> does.
 */
public enum FailureMark {
    /** The marker is acknowledged: every reader ends with a {@link BufferFailedException}. */
    WRITTEN,

    /**
     * Nothing had to be marked: the write had not begun the buffer, another writer's start marker
     * stands, or the end marker of the whole buffer does.
     */
    NOT_NEEDED,

    /** The marker was refused or could not be sent in its time: readers go on waiting. */
    NOT_WRITTEN,

    /** It was sent, or the start marker was, and no answer came: readers may go on waiting. */
    UNKNOWN
}
