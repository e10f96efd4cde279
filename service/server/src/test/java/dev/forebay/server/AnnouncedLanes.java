package dev.forebay.server;

import dev.forebay.blob.Md5Lanes;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;

/** Lanes that say when they are to be prepared, and are never used. */
public final class AnnouncedLanes implements Md5Lanes {
    static final CountDownLatch ASKED = new CountDownLatch(1);

    /** For {@link java.util.ServiceLoader}. */
    public AnnouncedLanes() {}

    @Override
    public boolean prepare(IntFunction<Source> sample) {
        ASKED.countDown();
        return false;
    }

    @Override
    public int count() {
        throw new AssertionError("these lanes are not to be used");
    }

    @Override
    public int worthwhile() {
        throw new AssertionError("these lanes are not to be used");
    }

    @Override
    public void advance(int[][] states, Source[] bodies, int lanes, int blocks) {
        throw new AssertionError("these lanes are not to be used");
    }
}
