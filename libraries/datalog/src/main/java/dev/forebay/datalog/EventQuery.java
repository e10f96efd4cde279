package dev.forebay.datalog;

import java.util.List;
import java.util.OptionalInt;

/**
 * Which events and comments are asked for.
 *
 * @param range a span of times
 * @param events an event that fits one of these is given; none for no events
 * @param comments whether comments are given
 * @param maxEvents the most events that are given, 1 to 1024; the newest are
 * @param maxComments the most comments, likewise
 */
public record EventQuery(
        TimeRange range, List<EventSpec> events, boolean comments, int maxEvents, int maxComments) {
    /** The most events, and the most comments, that one answer has. */
    public static final int MOST = 1024;

    /**
     * Which events; what is empty fits every event.
     *
     * @param source who sent it
     * @param type its type
     * @param minLevel the least level; 0 and 1 are both low
     * @param preserve whether only events fit that are to be kept
     */
    public record EventSpec(String source, String type, OptionalInt minLevel, boolean preserve) {
        /** Fits every event. */
        public static final EventSpec ANY = new EventSpec("", "", OptionalInt.empty(), false);

        boolean fits(EventFields event) {
            return (source.isEmpty() || source.equals(event.source()))
                    && (type.isEmpty() || type.equals(event.type()))
                    && event.level() >= minLevel.orElse(0)
                    && (!preserve || event.preserve());
        }
    }

    /** Copies the list, and checks the numbers against their ranges. */
    public EventQuery {
        events = List.copyOf(events);
        check(maxEvents);
        check(maxComments);
    }

    boolean fits(EventFields event) {
        return events.stream().anyMatch(spec -> spec.fits(event));
    }

    private static void check(int max) {
        if (max < 1 || max > MOST) {
            throw new IllegalArgumentException(
                    "the most events or comments of an answer must be 1 to %d, not %d"
                            .formatted(MOST, max));
        }
    }
}
