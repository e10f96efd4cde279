package dev.forebay.journal;

import static dev.forebay.journal.DamageTest.ROOT;
import static dev.forebay.journal.DamageTest.SMALL;
import static dev.forebay.journal.DamageTest.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
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
    void payloadsThatLookLikeHeadersAreNotTriedOneByOne() throws Exception {
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
                    long key(Header header) {
                        return ~super.key(header); // All of them are left over from another life.
                    }

                    @Override
                    boolean isFrame(byte[] bytes, int at, long key, long offset) {
                        tried.incrementAndGet();
                        return super.isFrame(bytes, at, key, offset);
                    }
                };
        Scan scan = new Scan(new Store(left, Clock.system(), ROOT, counting), counting);
        scan.run();
        assertThat(scan.next).isEqualTo(1);
        assertThat(tried).hasValueBetween(frames, 2L * frames + 10); // Searched twice at most.
    }
}
