package dev.forebay.stream;

/** There is no such buffer, or it was deleted while in use. */
public final class BufferMissingException extends BufferException {
    BufferMissingException(Throwable cause) {
        super("the buffer does not exist", cause);
    }
}
