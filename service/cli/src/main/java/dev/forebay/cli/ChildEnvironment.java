package dev.forebay.cli;

import java.util.Map;

/**
 * The environment that child processes get: the one that the user gave this program. The launcher
 * sets {@code LC_ALL} for this process, because Java takes the encoding of file names from it, and
 * hands the user's own value over in a system property.
 */
final class ChildEnvironment {
    private static final String VARIABLE = "LC_ALL";

    /** What the launcher sets; any other value is the user's own. */
    private static final String OURS = "C.UTF-8";

    private ChildEnvironment() {}

    /** Puts the user's own locale back into what a child process is to get. */
    static void restore(Map<String, String> environment) {
        boolean launched = System.getProperty("forebay.launcher") != null;
        if (!launched || !OURS.equals(environment.get(VARIABLE))) {
            return;
        }
        String given = System.getProperty("forebay.lc_all");
        if (given == null) {
            environment.remove(VARIABLE);
        } else {
            environment.put(VARIABLE, given);
        }
    }
}
