package dev.forebay.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Runs a piece of work on a {@link SimulatedDisk}, cuts the power after every call of it in several
 * ways, and has each remaining disk checked against what had been acknowledged at that moment.
 *
 * <pre>{@code
 * CrashMatrix.randoms(4).run(
 *         (disk, acks) -> { ...; acks.add("first"); },
 *         (disk, acks) -> { ... reopen on disk, expect all of acks ... });
 * }</pre>
 *
 * <p>A failed check names the call and the {@link Survival}, with which the one case can be run
 * again. The check runs on the image with its calls unharmed; a check that recovers may itself be
 * given to a matrix to crash the recovery.
 */
public final class CrashMatrix {
    private final List<Long> seeds;

    private CrashMatrix(List<Long> seeds) {
        this.seeds = seeds;
    }

    /** Nothing unsynced, everything, and {@code count} random subsets after each call. */
    public static CrashMatrix randoms(int count) {
        return new CrashMatrix(LongStream.rangeClosed(1, count).boxed().toList());
    }

    /**
     * What is done until the power is cut; it notes in {@code acks} what it was promised, as soon
     * as it was.
     */
    @FunctionalInterface
    public interface Work<A> {
        void run(SimulatedDisk disk, Acks<A> acks) throws Exception;
    }

    /** What must hold of a disk after a crash, given what had been acknowledged. */
    @FunctionalInterface
    public interface Check<A> {
        void run(SimulatedDisk disk, List<A> acks) throws Exception;
    }

    /** Acknowledgements in the order in which they were given. Safe for use by many threads. */
    public static final class Acks<A> {
        private final List<A> given = new ArrayList<>();

        public synchronized void add(A ack) {
            given.add(ack);
        }

        public synchronized List<A> sofar() {
            return List.copyOf(given);
        }
    }

    private record Image<A>(DiskCall call, Survival survival, SimulatedDisk disk, List<A> acks) {}

    /** Runs {@code work} on an empty disk; see {@link #run(SimulatedDisk, Work, Check)}. */
    public <A> int run(Work<A> work, Check<A> check) throws Exception {
        return run(new SimulatedDisk(), work, check);
    }

    /**
     * Runs {@code work} once on {@code disk}, then {@code check} on every image.
     *
     * @return the number of images checked, so that a test can see that there were some
     * @throws AssertionError if a check throws anything; its cause is what was thrown
     */
    public <A> int run(SimulatedDisk disk, Work<A> work, Check<A> check) throws Exception {
        Acks<A> acks = new Acks<>();
        List<Image<A>> images = new ArrayList<>();
        disk.afterEachChange(call -> {
            List<A> given = acks.sofar();
            Stream.concat(
                            Stream.of(Survival.NOTHING, Survival.EVERYTHING),
                            seeds.stream()
                                    .map(seed -> Survival.random(seed * 1_000_003 + call.number())))
                    .forEach(survival ->
                            images.add(new Image<>(call, survival, disk.crash(survival), given)));
        });
        work.run(disk, acks);
        disk.afterEachChange(call -> {});
        for (Image<A> image : images) {
            try {
                check.run(image.disk, image.acks);
            } catch (Exception | AssertionError e) {
                throw new AssertionError(
                        "crashed after "
                                + image.call
                                + ", left with "
                                + image.survival
                                + ", acknowledged "
                                + image.acks
                                + ": "
                                + e.getMessage(),
                        e);
            }
        }
        return images.size();
    }
}
