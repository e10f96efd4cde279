package dev.forebay.run;

import org.jspecify.annotations.Nullable;

/**
 * What an operator should know of one run, in the log of the server. Safe for use by many threads.
 */
record RunWarnings(long run) {
    void warn(String what, @Nullable Exception reason) {
        System.getLogger(RunWarnings.class.getName())
                .log(System.Logger.Level.WARNING, "run %d: %s".formatted(run, what), reason);
    }
}
