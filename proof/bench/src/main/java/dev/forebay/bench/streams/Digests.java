package dev.forebay.bench.streams;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/** The JDK's MD5, which each side of a transfer computes once of each byte, measured alone. */
final class Digests {
    private static final int BLOCK = 4 << 20;
    private static final int BLOCKS = 16;

    private Digests() {}

    /** Processor time of this thread for a GiB, the best of five goes: then it is compiled. */
    static double cpuSecondsPerGib() throws GeneralSecurityException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        byte[] block = new byte[BLOCK];
        MessageDigest md5 = MessageDigest.getInstance("MD5");
        double best = Double.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long before = threads.getCurrentThreadCpuTime();
            for (int k = 0; k < BLOCKS; k++) {
                md5.update(block);
            }
            if (md5.digest().length == 16) {
                double seconds = (threads.getCurrentThreadCpuTime() - before) / 1e9;
                best = Math.min(best, seconds * (1 << 30) / ((double) BLOCKS * BLOCK));
            }
        }
        return best;
    }
}
