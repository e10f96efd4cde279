package dev.forebay.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
 * <p>The thread of the work is interrupted in a quarter of its calls, and its interrupt status is
 * cleared in another quarter: no call of a disk, and nothing that only calls one, is ended by an
 * interrupt. Calls of other threads are left alone, as are the checks.
 *
 * <p>A failed check names the call and the {@link Survival}, with which the one case can be run
 * again. The check runs on the image with its calls unharmed; {@link #runTwice} crashes the
 * recovery too.
 */
public final class CrashMatrix {
    private final List<Long> seeds;
    private final boolean interrupts;

    private CrashMatrix(List<Long> seeds, boolean interrupts) {
        this.seeds = seeds;
        this.interrupts = interrupts;
    }

    /** Nothing unsynced, everything, and {@code count} random subsets after each call. */
    public static CrashMatrix randoms(int count) {
        return new CrashMatrix(LongStream.rangeClosed(1, count).boxed().toList(), true);
    }

    /** The same for work that waits on its own thread where an interrupt rightly ends the wait. */
    public CrashMatrix withoutInterrupts() {
        return new CrashMatrix(seeds, false);
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
        private final List<A> given;

        private Acks(List<A> given) {
            this.given = new ArrayList<>(given);
        }

        public synchronized void add(A ack) {
            given.add(ack);
        }

        public synchronized List<A> sofar() {
            return List.copyOf(given);
        }
    }

    private record Image<A>(String when, String left, SimulatedDisk disk, List<A> acks) {
        AssertionError failed(Throwable why) {
            return new AssertionError(
                    "crashed "
                            + when
                            + ", left with "
                            + left
                            + ", acknowledged "
                            + acks
                            + ": "
                            + why.getMessage(),
                    why);
        }
    }

    /** Runs {@code work} on an empty disk; see {@link #run(SimulatedDisk, Work, Check)}. */
    public <A> int run(Work<A> work, Check<A> check) throws Exception {
        return run(new SimulatedDisk(), work, check);
    }

    /**
     * Runs {@code work} once on {@code disk}, then {@code check} on every image: those after each
     * call, and those at the end of the work.
     *
     * @return the number of images checked, so that a test can see that there were some
     * @throws AssertionError if a check throws anything; its cause is what was thrown
     */
    public <A> int run(SimulatedDisk disk, Work<A> work, Check<A> check) throws Exception {
        return checkAll(images(disk, new Acks<>(List.of()), work), check);
    }

    /**
     * Crashes {@code work} on an empty disk, and on each image runs {@code recovery} and crashes
     * that too. The first crash is a power cut or the mere end of the process, after which unsynced
     * bytes can be seen and still be lost; the second is a power cut. The acknowledgements of both
     * are checked, so that a recovery that promises what it only saw is caught.
     *
     * @return the number of images of a second crash that were checked
     * @throws AssertionError if a recovery or a check throws anything; its message names both
     *     crashes
     */
    public <A> int runTwice(Work<A> work, Work<A> recovery, Check<A> check) throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        Acks<A> acks = new Acks<>(List.of());
        List<Image<A>> killed = new ArrayList<>();
        List<Image<A>> first =
                images(
                        disk,
                        acks,
                        work,
                        when ->
                                killed.add(
                                        new Image<>(
                                                when,
                                                "all of it, unsynced as it was",
                                                disk.kill(),
                                                acks.sofar())));
        first.addAll(killed);
        int checked = 0;
        for (Image<A> image : first) {
            try {
                checked += checkAll(images(image.disk, new Acks<>(image.acks), recovery), check);
            } catch (Exception | AssertionError e) {
                throw image.failed(e);
            }
        }
        return checked;
    }

    private <A> List<Image<A>> images(SimulatedDisk disk, Acks<A> acks, Work<A> work)
            throws Exception {
        return images(disk, acks, work, when -> {});
    }

    /** Runs the work and takes images all along; {@code also} may take more of its own. */
    private <A> List<Image<A>> images(
            SimulatedDisk disk, Acks<A> acks, Work<A> work, Consumer<String> also)
            throws Exception {
        List<Image<A>> images = new ArrayList<>();
        disk.afterEachChange(call -> {
            take(images, "after " + call, call.number(), disk, acks);
            also.accept("after " + call);
        });
        disk.interrupt(interrupts ? Thread.currentThread() : null);
        try {
            work.run(disk, acks);
        } finally {
            disk.interrupt(null);
            disk.afterEachChange(call -> {});
            if (interrupts) {
                Thread.interrupted(); // Else the checks would run with it.
            }
        }
        take(images, "at the end", 0, disk, acks);
        also.accept("at the end");
        return images;
    }

    private <A> void take(
            List<Image<A>> images, String when, long number, SimulatedDisk disk, Acks<A> acks) {
        List<A> given = acks.sofar();
        Stream.concat(
                        Stream.of(Survival.NOTHING, Survival.EVERYTHING),
                        seeds.stream().map(seed -> Survival.random(seed * 1_000_003 + number)))
                .forEach(survival ->
                        images.add(
                                new Image<>(
                                        when, survival.toString(), disk.crash(survival), given)));
    }

    private static <A> int checkAll(List<Image<A>> images, Check<A> check) {
        for (Image<A> image : images) {
            try {
                check.run(image.disk, image.acks);
            } catch (Exception | AssertionError e) {
                throw image.failed(e);
            }
        }
        return images.size();
    }
}
