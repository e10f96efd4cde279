package dev.forebay.streamsimd;

import dev.forebay.blob.Md5Lanes;
import java.util.function.IntFunction;

/**
 * Sixteen lanes on vectors of 512 bits, by the Vector API of the JDK.
 *
 * <p><b>Limit.</b> They are there if the processor has such vectors, the JVM compiles with C2, and
 * {@link VectorModule} finds the API. Otherwise {@link #prepare} returns false, and digests come
 * from the JDK.
 */
public final class VectorLanes implements Md5Lanes {
    /** Three bodies take 0.89 CPU-s a GiB on vectors, two 1.29, and 1.23 one after the other. */
    private static final int WORTHWHILE = 3;

    /** For {@link java.util.ServiceLoader}. */
    public VectorLanes() {}

    @Override
    public boolean prepare(IntFunction<Source> sample) {
        return isCompiled()
                && VectorModule.isPresent()
                && SixteenLanes.fit()
                && Rehearsal.run(sample);
    }

    /** Without C2 each operation on a vector makes objects, and takes a thousand times as long. */
    private static boolean isCompiled() {
        String mode = System.getProperty("java.vm.info", "");
        return mode.startsWith("mixed mode") && !mode.contains("emulated-client");
    }

    @Override
    public int count() {
        return SixteenLanes.LANES;
    }

    @Override
    public int worthwhile() {
        return WORTHWHILE;
    }

    @Override
    public void advance(int[][] states, Source[] bodies, int lanes, int blocks) {
        SixteenLanes.advance(states, bodies, lanes, blocks);
    }
}
