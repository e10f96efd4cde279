package dev.forebay.run;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Reads the frames of a log's file by their positions. A {@link RunLog} knows where the last whole
 * frame that it wrote ends; in a file of an earlier server, {@link #wholeFrames} finds that place.
 *
 * <p>Safe for use by many threads; blocks on the file.
 *
 * @param path for messages
 * @param channel open for reading
 */
record LogFile(Path path, FileChannel channel) {
    /** A frame without its text, which begins at {@code text}. */
    record Header(Instant time, boolean whole, long text, int length) {
        /** Where the next frame begins. */
        long next() {
            return text + length;
        }
    }

    Header header(long at) throws IOException {
        ByteBuffer header = readFully(at, LogFrame.HEADER);
        return new Header(
                LogFrame.time(header),
                LogFrame.isWhole(header),
                at + LogFrame.HEADER,
                LogFrame.textLength(header));
    }

    LogLine line(Header header) throws IOException {
        byte[] text = readFully(header.text(), header.length()).array();
        return new LogLine(header.time(), text, header.whole());
    }

    /** Where the last {@code count} of the lines before {@code end} begin. */
    long tail(long count, long end) throws IOException {
        long lines = 0;
        for (long at = 0; at < end; at = header(at).next()) {
            lines++;
        }
        long at = 0;
        for (long skipped = 0; skipped < lines - count; skipped++) {
            at = header(at).next();
        }
        return at;
    }

    /** Up to where the frames are whole; a part of one, or zeros, may be behind them. */
    long wholeFrames() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(LogFrame.HEADER);
        long size = channel.size();
        long at = 0;
        while (at + LogFrame.HEADER <= size
                && channel.read(header.clear(), at) == LogFrame.HEADER) {
            header.flip();
            long text = at + LogFrame.HEADER;
            long next = text + LogFrame.textLength(header);
            boolean empty = !LogFrame.isWhole(header) && next == text;
            if (next < text || next > size || empty) {
                break;
            }
            at = next;
        }
        return at;
    }

    private ByteBuffer readFully(long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw new EOFException(
                        "log %s ends before its byte %d".formatted(path, at + length));
            }
        }
        return bytes.flip();
    }
}
