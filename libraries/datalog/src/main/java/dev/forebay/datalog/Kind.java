package dev.forebay.datalog;

/** What an entry of the log is. */
public enum Kind {
    /** A message for people, with a level. */
    TEXT(1, Lane.TEXT, "bosdyn.api.TextMessage"),
    /** A note of the operator. */
    COMMENT(2, Lane.MARKS, "bosdyn.api.OperatorComment"),
    /** Something that happened, at a time or over one. */
    EVENT(3, Lane.MARKS, "bosdyn.api.Event"),
    /** Bytes that the log does not look into. */
    BLOB(4, Lane.BLOBS, ""),
    /** Samples of the variables of a schema. */
    SIGNAL(5, Lane.SIGNALS, ""),
    /** A request to a service. */
    REQUEST(6, Lane.CALLS, ""),
    /** What a service answered. */
    RESPONSE(7, Lane.CALLS, "");

    /**
     * Entries that share pages. A page goes as a whole, so what is kept for different times stands
     * in different ones.
     */
    enum Lane {
        TEXT,
        MARKS,
        BLOBS,
        SIGNALS,
        CALLS
    }

    private final int code;
    private final Lane lane;
    private final String messageType;

    Kind(int code, Lane lane, String messageType) {
        this.code = code;
        this.lane = lane;
        this.messageType = messageType;
    }

    /** The number of this kind in the catalogue. */
    int code() {
        return code;
    }

    Lane lane() {
        return lane;
    }

    /**
     * {@return the full name of its message, which is its channel too; empty for the other kinds}
     */
    public String messageType() {
        return messageType;
    }

    static Kind of(int code) {
        for (Kind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new DataLogException(
                DataLogException.Fault.DAMAGED,
                "kind %d is unknown; expected 1 to %d".formatted(code, values().length));
    }
}
