package dev.forebay.run;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * How a line lies in the file of a {@link RunLog} and in the pieces of a {@link LogArchive}.
 *
 * <pre>
 *  0          8         12      13       17
 *  | seconds  | nanos   | whole | length | text ...      big-endian, one frame a line
 * </pre>
 */
final class LogFrame {
    /** Bytes before the text. */
    static final int HEADER = 17;

    private static final int WHOLE = 12;
    private static final int LENGTH = HEADER - Integer.BYTES;

    private LogFrame() {}

    static void append(LogLine line, ByteArrayOutputStream frames) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        Instant at = line.at();
        header.putLong(at.getEpochSecond()).putInt(at.getNano());
        header.put((byte) (line.whole() ? 1 : 0)).putInt(line.text().length);
        frames.writeBytes(header.array());
        frames.writeBytes(line.text());
    }

    /** The line of the frame at the position of {@code frames}, which is then behind it. */
    static LogLine next(ByteBuffer frames) {
        Instant time = time(frames);
        boolean whole = isWhole(frames);
        byte[] text = new byte[textLength(frames)];
        frames.position(frames.position() + HEADER).get(text);
        return new LogLine(time, text, whole);
    }

    /** The time in the header at the position, which stays there. */
    static Instant time(ByteBuffer header) {
        int at = header.position();
        return Instant.ofEpochSecond(header.getLong(at), header.getInt(at + Long.BYTES));
    }

    /** Whether the line had an end, in the header at the position. */
    static boolean isWhole(ByteBuffer header) {
        return header.get(header.position() + WHOLE) == 1;
    }

    /** Bytes of the text, in the header at the position. */
    static int textLength(ByteBuffer header) {
        return header.getInt(header.position() + LENGTH);
    }
}
