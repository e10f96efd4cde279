package dev.forebay.datalog;

import dev.forebay.datalog.Fields.MalformedMessageException;
import java.nio.ByteBuffer;

/**
 * The fields of a {@code bosdyn.api.Event} by which events are chosen: 1 type, 3 source, 7 level
 * (0, unset, counts as 1, low), 9 whether to preserve it (2).
 */
record EventFields(String type, String source, int level, boolean preserve) {
    private static final int LOW = 1;
    private static final int PRESERVE = 2;

    /** Reads an event that the log holds. */
    static EventFields read(ByteBuffer event) {
        try {
            String type = "";
            String source = "";
            long level = 0;
            long hint = 0;
            Fields in = new Fields(event);
            for (int field = in.next(); field != 0; field = in.next()) {
                switch (field) {
                    case 1 -> type = in.text();
                    case 3 -> source = in.text();
                    case 7 -> level = in.number();
                    case 9 -> hint = in.number();
                    default -> in.skip();
                }
            }
            int visible = (int) Math.min(Math.max(level, LOW), Integer.MAX_VALUE);
            return new EventFields(type, source, visible, hint == PRESERVE);
        } catch (MalformedMessageException e) {
            throw new DataLogException(
                    DataLogException.Fault.DAMAGED, "an event of the log cannot be read", e);
        }
    }
}
