package dev.forebay.streamsimd;

import dev.forebay.blob.Md5Lanes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Has the compiler see {@link SixteenLanes} before a transfer needs them: until C2 has compiled
 * them, they are a thousand times slower than the JDK's digest.
 */
final class Rehearsal {
    /** Bodies of 1 KiB, while each step of a vector makes objects. */
    static final int FEW = 16;

    /** Bodies of 16 KiB: what calls the digests costs little beside them, so these are compared. */
    private static final int MANY = Md5Lanes.LARGEST_SAMPLE;

    /** Lanes that take less than this many times as long as the JDK's digest are compiled. */
    private static final int NEAR = 8;

    /** Enough for the compiler to take up what copies. */
    private static final int COPIES = 1000;

    /**
     * After this number of runs the loop pauses for the compiler, which knows enough by then if the
     * launcher lowered its thresholds for {@link SixteenLanes}, and else a second later.
     */
    private static final int ENOUGH = 4;

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(60);

    /** Runs in a row that count. */
    private static final int SURE = 2;

    private final byte[] body = new byte[MANY * 64];
    private final int[][] states = new int[SixteenLanes.LANES][4];

    private final IntFunction<Md5Lanes.Source> sample;

    private Rehearsal(IntFunction<Md5Lanes.Source> sample) {
        this.sample = sample;
    }

    /** Whether the lanes became at least twice as fast as the JDK; blocks until they are. */
    static boolean run(IntFunction<Md5Lanes.Source> sample) {
        return new Rehearsal(sample).becomesFast();
    }

    private boolean becomesFast() {
        copy();
        long begin = System.nanoTime();
        int fast = 0;
        int blocks = FEW;
        for (int runs = 0; System.nanoTime() - begin < LONGEST; runs++) {
            long lanes = timeOfLanes(blocks);
            long jdk = timeOfJdk(blocks);
            fast = isFast(blocks, lanes, jdk) ? fast + 1 : 0;
            if (fast == SURE) {
                return true;
            }
            blocks = lanes < NEAR * jdk ? MANY : FEW;
            if (blocks == FEW && runs >= ENOUGH) {
                LockSupport.parkNanos(PAUSE);
            }
        }
        return false;
    }

    /**
     * Whether bodies of {@code blocks} blocks say that the lanes are fast, by their times and the
     * JDK's. Short ones do not: their calls take as long as their digests, so lanes that are ready
     * would look slow.
     */
    static boolean isFast(int blocks, long lanes, long jdk) {
        return blocks == MANY && 2 * lanes < jdk;
    }

    /** Copying costs little beside vectors that are not compiled yet, so it goes first. */
    private void copy() {
        int[] words = new int[FEW * 16];
        for (int i = 0; i < COPIES; i++) {
            sample.apply(FEW).take(FEW, words, 0);
        }
    }

    private long timeOfLanes(int blocks) {
        Md5Lanes.Source[] bodies = new Md5Lanes.Source[SixteenLanes.LANES];
        Arrays.setAll(bodies, lane -> sample.apply(blocks));
        long before = System.nanoTime();
        SixteenLanes.advance(states, bodies, bodies.length, blocks);
        return System.nanoTime() - before;
    }

    private long timeOfJdk(int blocks) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            long before = System.nanoTime();
            for (int lane = 0; lane < SixteenLanes.LANES; lane++) {
                digest.update(body, 0, blocks * 64);
            }
            return System.nanoTime() - before;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has MD5", e);
        }
    }
}
