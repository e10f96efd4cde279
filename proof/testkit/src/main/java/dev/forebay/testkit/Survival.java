package dev.forebay.testkit;

import java.util.SplittableRandom;

/**
 * Chooses what a crash leaves of all that was not synced: any subset of the changed sectors of a
 * file, in any of the versions written since the last sync; its size before or after; any subset of
 * the changes of names.
 */
public interface Survival {
    /** Only what was synced. */
    Survival NOTHING =
            new Survival() {
                @Override
                public int version(int versions) {
                    return 0;
                }

                @Override
                public String toString() {
                    return "nothing unsynced";
                }
            };

    /** All, as if only the process had died. */
    Survival EVERYTHING =
            new Survival() {
                @Override
                public int version(int versions) {
                    return versions - 1;
                }

                @Override
                public String toString() {
                    return "everything";
                }
            };

    /** A subset that depends on the seed alone, given the same calls. */
    static Survival random(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new Survival() {
            @Override
            public int version(int versions) {
                return random.nextInt(versions);
            }

            @Override
            public String toString() {
                return "a random subset, seed " + seed;
            }
        };
    }

    /**
     * Which of {@code versions} (at least 2) survives: 0 is the synced one, the last the newest.
     */
    int version(int versions);
}
