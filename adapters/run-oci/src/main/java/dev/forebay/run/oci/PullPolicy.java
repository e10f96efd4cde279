package dev.forebay.run.oci;

import java.util.Locale;

/** When the engine fetches the image of a run from a registry. */
public enum PullPolicy {
    /** The image must be on the machine. */
    NEVER,

    /** If the image is not on the machine. */
    MISSING,

    /** Before each run. */
    ALWAYS;

    /** The word of the command line. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
