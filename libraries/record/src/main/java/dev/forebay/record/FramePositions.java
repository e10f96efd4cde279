package dev.forebay.record;

import java.util.Arrays;

/**
 * Where in the journal each record stands. Records and frames are numbered alike except where
 * another entry came in between, so only the distances that differ are kept. For use by one thread
 * at a time.
 */
final class FramePositions {
    /** The first record of each distance, rising. */
    private long[] sequences = new long[16];

    private long[] distances = new long[16];
    private int head;
    private int end;

    /** Record {@code sequence}, which is later than those noted before, stands at this frame. */
    void note(long sequence, long position) {
        long distance = position - sequence;
        if (end > head && distances[end - 1] == distance) {
            return;
        }
        while (end > head && sequences[end - 1] >= sequence) {
            end--; // An append that failed was made again.
        }
        if (end == sequences.length) {
            slideOrGrow();
        }
        sequences[end] = sequence;
        distances[end] = distance;
        end++;
    }

    private void slideOrGrow() {
        int used = end - head;
        int size = used > sequences.length / 2 ? 2 * sequences.length : sequences.length;
        long[] newSequences = new long[size];
        long[] newDistances = new long[size];
        System.arraycopy(sequences, head, newSequences, 0, used);
        System.arraycopy(distances, head, newDistances, 0, used);
        sequences = newSequences;
        distances = newDistances;
        head = 0;
        end = used;
    }

    /** The frame of a record, or one in front of it. */
    long of(long sequence) {
        int index = floor(sequence);
        return index < head ? 1 : sequence + distances[index];
    }

    private int floor(long sequence) {
        int found = Arrays.binarySearch(sequences, head, end, sequence);
        return found >= 0 ? found : -found - 2;
    }

    /** Records in front of {@code sequence} are not asked for again. */
    void forgetBefore(long sequence) {
        head = Math.max(head, floor(sequence));
    }
}
