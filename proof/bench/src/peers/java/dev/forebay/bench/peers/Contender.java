package dev.forebay.bench.peers;

import java.nio.file.Path;

/**
 * One line of a table.
 *
 * @param platform whether many writers are platform threads, because its calls pin the carriers of
 *     virtual threads
 * @param level the level of durability of an append that returned
 * @param files the state of the files when measuring begins
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
