package dev.forebay.wire;

/** Header names that both planes use. Names are compared without case. */
public final class Headers {
    /** Random name of one exchange, on every response. */
    public static final String REQUEST_ID = "Request-Id";

    /** A request demands it, a response states it: a word of {@code Durability}. */
    public static final String DURABILITY = "Forebay-Durability";

    /** {@code wait=20} asks the server to hold the request for up to 20 seconds. */
    public static final String PREFER = "Prefer";

    /** The part of {@link #PREFER} that the server followed. */
    public static final String PREFERENCE_APPLIED = "Preference-Applied";

    /**
     * How long a request with {@link #PREFER} was held until its blob was there, in milliseconds.
     */
    public static final String HELD = "Forebay-Held";

    /** How many small blobs the container takes in one request, if more than one. */
    public static final String BATCH = "Forebay-Batch";

    /** With {@code *}: only if nothing has the name yet. */
    public static final String IF_NONE_MATCH = "If-None-Match";

    /** When a blob came into being, to the second. */
    public static final String LAST_MODIFIED = "Last-Modified";

    private Headers() {}
}
