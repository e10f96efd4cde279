package dev.forebay.stream;

/** The writer of the buffer gave up and said so; the rest of the data will never come. */
public final class BufferFailedException extends BufferException {
    BufferFailedException() {
        super("the buffer is in a permanently failed state; its writer gave up");
    }
}
