package dev.forebay.cli;

import dev.forebay.blob.Md5Lanes;
import java.util.function.IntFunction;

/** Lanes that say on standard output when they are to be prepared, if asked to; never used. */
public final class SayingLanes implements Md5Lanes {
    /** The system property by which a process asks them to. */
    static final String SAY = "forebay.test.lanes";

    static final String PREPARED = "lanes are to be prepared";

    /** For {@link java.util.ServiceLoader}. */
    public SayingLanes() {}

    @Override
    @SuppressWarnings("SystemOut") // It speaks to the test that started the process.
    public boolean prepare(IntFunction<Source> sample) {
        if (Boolean.getBoolean(SAY)) {
            System.out.println(PREPARED);
        }
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
