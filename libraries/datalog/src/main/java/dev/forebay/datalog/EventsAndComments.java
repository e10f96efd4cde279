package dev.forebay.datalog;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Events and comments, the earliest first.
 *
 * @param events {@code bosdyn.api.Event} messages in the wire format of Protocol Buffers
 * @param comments {@code bosdyn.api.OperatorComment} messages, likewise
 * @param eventsLimited whether there are more events, all earlier
 * @param commentsLimited whether there are more comments, all earlier
 */
public record EventsAndComments(
        List<ByteBuffer> events,
        List<ByteBuffer> comments,
        boolean eventsLimited,
        boolean commentsLimited) {
    /** Copies the lists. */
    public EventsAndComments {
        events = List.copyOf(events);
        comments = List.copyOf(comments);
    }
}
