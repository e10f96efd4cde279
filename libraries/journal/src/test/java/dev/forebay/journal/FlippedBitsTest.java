package dev.forebay.journal;

import static dev.forebay.journal.DamageTest.ASIDE;
import static dev.forebay.journal.DamageTest.ROOT;
import static dev.forebay.journal.DamageTest.SMALL;
import static dev.forebay.journal.DamageTest.check;
import static dev.forebay.journal.DamageTest.content;
import static dev.forebay.journal.DamageTest.journal;
import static dev.forebay.journal.DamageTest.offset;
import static dev.forebay.journal.DamageTest.open;
import static dev.forebay.journal.DamageTest.payload;
import static dev.forebay.journal.DamageTest.segment;
import static dev.forebay.journal.DamageTest.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A bit of every byte of a segment and of the checkpoint, all bits of a header and of a frame, and
 * seeded mutations.
 */
class FlippedBitsTest {
    private static final int[] ALL = {1, 2, 4, 8, 16, 32, 64, 128};

    @Test
    void everyFlippedBitOfASegmentIsToldAndCostsOneFrameAtMost() throws Exception {
        SimulatedDisk whole = journal(40);
        byte[] bytes = content(whole, segment(2));
        Random random = new Random(5);
        List<int[]> flips = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) {
            for (int bit : i < 64 || i >= Layout.HEADER && i < offset(2) ? ALL : some(random)) {
                flips.add(new int[] {i, bit});
            }
        }
        flips.parallelStream().forEach(flip -> oneFrameAtMost(whole, bytes, flip[0], flip[1]));
    }

    private static void oneFrameAtMost(SimulatedDisk whole, byte[] bytes, int at, int bit) {
        SimulatedDisk disk = whole.crash(Survival.EVERYTHING);
        try {
            write(disk, segment(2), at, new byte[] {(byte) (bytes[at] ^ bit)});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (Journal journal = open(disk, ASIDE)) {
            assertThat(journal.next()).isEqualTo(41);
            assertThat(check(journal)).isLessThanOrEqualTo(1);
            assertThat(journal.recovery().tail()).isEmpty();
        }
    }

    private static int[] some(Random random) {
        return new int[] {1 << random.nextInt(8)};
    }

    @Test
    void noBytesInASegmentMakeOpeningFailInAnyOtherWay() throws Exception {
        SimulatedDisk whole = journal(40);
        byte[] bytes = content(whole, segment(2));
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] mutated = bytes.clone();
            for (int i = 0; i < 1 + random.nextInt(30); i++) {
                int at = Layout.HEADER + random.nextInt(mutated.length - Layout.HEADER);
                int length = Math.min(1 + random.nextInt(64), mutated.length - at);
                int from = random.nextInt(mutated.length - length);
                System.arraycopy(bytes, from, mutated, at, length);
            }
            SimulatedDisk disk = whole.crash(Survival.EVERYTHING);
            write(disk, segment(2), 0, mutated);
            List<Entry> dumped = new ArrayList<>();
            new JournalTool(disk, Clock.system(), ROOT).dump(1, dumped::add);
            try (Journal journal = open(disk, ASIDE)) {
                assertThat(journal.next()).isEqualTo(41);
                long missing = check(journal);
                assertThat(dumped.stream().filter(entry -> entry instanceof Frame))
                        .hasSize((int) (40 - missing));
            }
        }
    }

    @Test
    void aDamagedOrMissingCheckpointChangesNothing() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (Journal journal = open(disk, SMALL)) {
            for (int i = 1; i <= 100; i++) {
                journal.append(payload(i));
            }
            journal.trim(90);
        }
        byte[] good = content(disk, ROOT.resolve("checkpoint"));
        for (int i = 0; i < good.length; i++) {
            SimulatedDisk other = disk.crash(Survival.EVERYTHING);
            write(other, ROOT.resolve("checkpoint"), i, new byte[] {(byte) (good[i] ^ 4)});
            try (Journal journal = open(other, SMALL)) {
                assertThat(journal.next()).isEqualTo(101);
                assertThat(journal.first()).isLessThanOrEqualTo(90);
                assertThat(check(journal)).isZero();
            }
        }
        disk.delete(ROOT.resolve("checkpoint"));
        try (Journal journal = open(disk, SMALL)) {
            assertThat(check(journal)).isZero();
        }
    }
}
