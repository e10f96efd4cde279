package dev.forebay.bench.journal;

import dev.forebay.journal.Entry;
import dev.forebay.journal.Frame;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The records of 100 bytes that all rows append, over and over, and the comparison with them. */
final class Records {
    static final int SIZE = 100;

    /** How many different ones there are; a multiple of every row's records a call. */
    static final int COUNT = 1000;

    private final List<byte[]> records = new ArrayList<>(COUNT);

    Records() {
        for (int i = 0; i < COUNT; i++) {
            byte[] bytes = new byte[SIZE];
            for (int k = 0; k < SIZE; k++) {
                bytes[k] = (byte) (i * 31 + (i >> 8) + k);
            }
            records.add(bytes);
        }
    }

    byte[] get(int number) {
        return records.get(number % COUNT);
    }

    List<byte[]> all() {
        return records;
    }

    /** All records, in lists of {@code size}. */
    List<List<byte[]>> lists(int size) {
        List<List<byte[]>> lists = new ArrayList<>();
        for (int i = 0; i < COUNT; i += size) {
            lists.add(records.subList(i, i + size));
        }
        return lists;
    }

    /**
     * Reads what the journal holds and compares it.
     *
     * @param different how many of the records were appended in turns, from the first one on
     */
    void verify(Journal journal, int different) {
        long at = journal.first();
        try (JournalReader reader = journal.read(at)) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                byte[] wanted = records.get((int) ((at - 1) % different));
                if (!(entry instanceof Frame frame)
                        || frame.sequence() != at
                        || !Arrays.equals(frame.payload(), wanted)) {
                    throw new IllegalStateException(
                            "expected record %d as it was appended, read %s".formatted(at, entry));
                }
                at++;
            }
        }
        if (at != journal.next()) {
            throw new IllegalStateException(
                    "expected records up to %d, read up to %d".formatted(journal.next(), at));
        }
    }
}
