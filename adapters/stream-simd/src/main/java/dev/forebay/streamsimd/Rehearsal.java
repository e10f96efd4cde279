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
    /** Bodies of 1 KiB. */
    private static final int BLOCKS = 16;

    /**
     * After this number of blocks the loop pauses for the compiler, which knows enough by then if
     * the launcher lowered its thresholds for {@link SixteenLanes}, and else a second later.
     */
    private static final int ENOUGH = 64;

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(60);

    /** The times of two runs in a row that count. */
    private static final int SURE = 4;

    private final byte[] body = new byte[BLOCKS * 64];
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
        long begin = System.nanoTime();
        int blocks = 0;
        int fast = 0;
        while (System.nanoTime() - begin < LONGEST) {
            fast = 2 * timeOfLanes() < timeOfJdk() ? fast + 1 : 0;
            if (fast == SURE) {
                return true;
            }
            blocks += BLOCKS;
            if (blocks > ENOUGH) {
                LockSupport.parkNanos(PAUSE);
            }
        }
        return false;
    }

    private long timeOfLanes() {
        Md5Lanes.Source[] bodies = new Md5Lanes.Source[SixteenLanes.LANES];
        Arrays.setAll(bodies, lane -> sample.apply(BLOCKS));
        long before = System.nanoTime();
        SixteenLanes.advance(states, bodies, bodies.length, BLOCKS);
        return System.nanoTime() - before;
    }

    private long timeOfJdk() {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            long before = System.nanoTime();
            for (int lane = 0; lane < SixteenLanes.LANES; lane++) {
                digest.update(body);
            }
            return System.nanoTime() - before;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has MD5", e);
        }
    }
}
