package dev.forebay.journal;

import static dev.forebay.journal.DamageTest.SMALL;
import static dev.forebay.journal.DamageTest.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.Durability;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How much work the search behind a bad place is. */
class FrameScannerTest {
    /** Otherwise an opening would reckon the CRC of megabytes for each of them. */
    @Test
    void openingComputesNoCrcForPayloadsLikeHeaders() throws Exception {
        byte[] misleading = new byte[100];
        misleading[93] = 4; // A length of 1024,
        misleading[98] = 1; // and a later sequence.
        SimulatedDisk disk = new SimulatedDisk();
        JournalSettings large = SMALL.withSegmentBytes(ByteSize.ofKiB(512));
        int frames = 2000;
        Journal journal = open(disk, large);
        journal.append(Collections.nCopies(frames, misleading), 0, Durability.WRITTEN);
        SimulatedDisk left = disk.crash(Survival.EVERYTHING);
        journal.close();
        AtomicLong tried = new AtomicLong();
        Layout counting =
                new Layout() {
                    @Override
                    boolean isFrame(byte[] bytes, int at, long key, long offset) {
                        tried.incrementAndGet();
                        return super.isFrame(bytes, at, key, offset);
                    }
                };
        try (DiskFile file = left.open(DamageTest.segment(2), Disk.Access.READ)) {
            // The batch does not fit into the first segment. A wrong key: all frames are left over
            // from another life of the file.
            FrameScanner scanner =
                    new FrameScanner(file, counting, 4711, Layout.HEADER, file.size());
            assertThat(scanner.search(0)).isFalse();
        }
        assertThat(tried).hasValueBetween(frames, frames + 10L);
    }
}
