package dev.forebay.stream;

/** The buffer, or a blob of it, was written by somebody else; nothing of it was changed. */
public final class BufferOverwriteException extends BufferException {
    BufferOverwriteException(String detail) {
        super("buffer cannot be overwritten: " + detail + "; create a new buffer");
    }
}
