package dev.forebay.datalog;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a reader that follows the log has come. Immutable; its text can be kept and parsed again,
 * also after a restart of the log.
 */
public final class TailPosition {
    /** In front of the first entry. */
    public static final TailPosition START = new TailPosition(0, Map.of());

    /** Of the pages that are not read to their end: more than a log has open. */
    private static final int MOST = 4096;

    private static final Pattern TEXT = Pattern.compile("[0-9]{1,18}(,[0-9]{1,18}:-?[0-9]{1,18})*");
    private static final Pattern PAGE = Pattern.compile(",([0-9]+):(-?[0-9]+)");

    private final long next;
    private final TreeMap<Long, Long> unfinished;

    /**
     * @param next the pages from this number on were not read at all
     * @param unfinished by the number of a page below {@code next} that may grow: the offset of the
     *     last block that was read of it, or -1
     */
    TailPosition(long next, Map<Long, Long> unfinished) {
        this.next = next;
        this.unfinished = new TreeMap<>(unfinished);
    }

    /**
     * The position that {@link #toString} wrote.
     *
     * @param text what {@code toString} gave
     * @return that position
     * @throws IllegalArgumentException if it is none
     */
    public static TailPosition parse(String text) {
        Map<Long, Long> unfinished = new TreeMap<>();
        if (TEXT.matcher(text).matches()) {
            Matcher page = PAGE.matcher(text);
            while (page.find() && unfinished.size() <= MOST) {
                unfinished.put(Long.parseLong(page.group(1)), Long.parseLong(page.group(2)));
            }
            if (unfinished.size() <= MOST) {
                return new TailPosition(Long.parseLong(text.split(",", 2)[0]), unfinished);
            }
        }
        throw new IllegalArgumentException(
                "expected a position that this log gave, such as 12,10:4711, found '%s'"
                        .formatted(text.length() > 40 ? text.substring(0, 40) + "..." : text));
    }

    long next() {
        return next;
    }

    Map<Long, Long> unfinished() {
        return new TreeMap<>(unfinished);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(Long.toString(next));
        unfinished.forEach(
                (page, offset) -> text.append(',').append(page).append(':').append(offset));
        return text.toString();
    }
}
