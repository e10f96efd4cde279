package dev.forebay.run;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts bytes into lines, and a line that is too long into pieces. Holds the line that has not ended
 * and those that were not taken yet. For use by one thread.
 */
final class LineCutter {
    /**
     * A line or a piece of one.
     *
     * @param whole whether a line feed followed
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Line(byte[] text, boolean whole) {}

    private final int longest;
    private final ByteArrayOutputStream open = new ByteArrayOutputStream();
    private List<Line> cut = new ArrayList<>();

    LineCutter(int longest) {
        this.longest = longest;
    }

    void add(byte[] bytes, int count) {
        int from = 0;
        while (from < count) {
            int room = Math.min(count - from, longest - open.size());
            int end = indexOfLineFeed(bytes, from, from + room);
            if (end >= 0) {
                open.write(bytes, from, end - from);
                close(true);
                from = end + 1;
            } else if (room > 0) {
                open.write(bytes, from, room);
                from += room;
            } else if (bytes[from] == '\n') {
                close(true);
                from++;
            } else {
                close(false);
            }
        }
    }

    private static int indexOfLineFeed(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** The input has ended: a line without a line feed is one too. */
    void end() {
        if (open.size() > 0) {
            close(false);
        }
    }

    private void close(boolean whole) {
        cut.add(new Line(open.toByteArray(), whole));
        open.reset();
    }

    /** The lines that were cut since the last call. */
    List<Line> take() {
        List<Line> taken = cut;
        cut = new ArrayList<>();
        return taken;
    }
}
