package dev.forebay.datalog;

/**
 * An entry that was not taken.
 *
 * @param index its place in the list that was given
 * @param reason what kind of thing is wrong
 * @param message what was expected, what was found, and the next step
 */
public record Refusal(int index, Reason reason, String message) {
    /** Why an entry was not taken. */
    public enum Reason {
        /** The entry is malformed, or lacks what it must have. */
        INVALID(1),
        /** A tick names a schema that was not registered. */
        UNKNOWN_SCHEMA(2),
        /** There is no room, and nothing that may go. */
        FULL(3),
        /** The disk failed; whether the entry is there shows at the next opening. */
        FAILED(4);

        private final int code;

        Reason(int code) {
            this.code = code;
        }

        /** The number of this reason in the catalogue. */
        int code() {
            return code;
        }
    }
}
