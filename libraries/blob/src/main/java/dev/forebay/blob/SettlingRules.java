package dev.forebay.blob;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The decisions that "a blob exists for others only once it is synced" hangs on, one method each,
 * so that a test can put a broken one in place and show that it is noticed.
 */
class SettlingRules {
    static final SettlingRules SOUND = new SettlingRules();

    /** One step of making a name. */
    interface Step {
        void run() throws IOException;
    }

    /**
     * Makes a name.
     *
     * @param link gives the staged file its name
     * @param sync makes the name durable
     * @param show answers whoever met the name meanwhile and wakes whoever waits for it
     */
    void make(Step link, Step sync, Step show) throws IOException {
        link.run();
        sync.run();
        show.run();
    }

    /**
     * Runs a sync that many wait for, and waits for its end. It has a thread of its own: an
     * interrupt of one who waits would close the directory in the middle of the sync, and what the
     * sync came to would be known to nobody. The interrupt of the caller is kept.
     */
    void share(Step sync) throws IOException {
        CompletableFuture<Optional<IOException>> ended =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                sync.run();
                                return Optional.empty();
                            } catch (IOException e) {
                                return Optional.of(e);
                            }
                        },
                        Thread::startVirtualThread);
        Optional<IOException> failure = ended.join();
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    /** Whether another put has made the name, given its outcome to come. */
    boolean isTaken(CompletableFuture<Boolean> other) {
        return other.join();
    }
}
