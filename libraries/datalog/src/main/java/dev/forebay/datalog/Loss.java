package dev.forebay.datalog;

/** How entries that were taken left the log. */
public enum Loss {
    /** The allowance was used up, and they were next to go. */
    EVICTED(1),
    /** A caller asked for it. */
    DELETED(2),
    /** Their page was damaged, or its files were gone at an opening. */
    DAMAGED(3);

    private final int code;

    Loss(int code) {
        this.code = code;
    }

    /** The number of this reason in the catalogue. */
    int code() {
        return code;
    }

    static Loss of(int code) {
        for (Loss loss : values()) {
            if (loss.code == code) {
                return loss;
            }
        }
        throw new DataLogException(
                DataLogException.Fault.DAMAGED,
                "loss %d is unknown; expected 1 to %d".formatted(code, values().length));
    }
}
