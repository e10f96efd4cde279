package dev.forebay.bench.peers;

import java.nio.file.Path;

/**
 * One line of a table.
 *
 * @param platform whether its many writers are platform threads, because what it calls would hold
 *     on to the carriers of virtual ones
 * @param level what an append that returned means, in our words
 * @param files in which state the files are when the measuring begins
 */
record Contender(String name, String level, String files, boolean platform, Opener opener) {
    Contender(String name, String level, String files, Opener opener) {
        this(name, level, files, false, opener);
    }

    Contender onPlatformThreads() {
        return new Contender(name + ", 64 platform threads", level, files, true, opener);
    }

    /** Opens a log in an empty directory. */
    interface Opener {
        KeptLog open(Path directory) throws Exception;
    }
}
