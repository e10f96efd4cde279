package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.server.SyncTimes.Area;
import dev.forebay.server.SyncTimes.Of;
import dev.forebay.testkit.ForwardingDisk;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every sync is counted once, with its time, where its file belongs. */
class MeasuredDiskTest {
    @TempDir Path data;
    private final ManualClock clock = new ManualClock(Instant.EPOCH);

    @Test
    void syncOfJournalIsCountedWithItsTimeAndFailedOneAsFailed() throws IOException {
        Disk slow =
                new ForwardingDisk(Disk.system()) {
                    @Override
                    public void syncDirectory(Path directory) throws IOException {
                        clock.advance(Duration.ofMillis(5));
                        throw new IOException("of the test");
                    }
                };
        SyncTimes times = new SyncTimes(data);
        Disk disk = new MeasuredDisk(slow, clock, times);
        Path journal = Files.createDirectories(data.resolve("log/catalogue"));
        try (DiskFile file = disk.open(journal.resolve("segment"), Disk.Access.CREATE)) {
            file.sync();
            file.sync();
        }
        assertThatThrownBy(() -> disk.syncDirectory(journal)).hasMessage("of the test");

        SyncTimes.Sums files = times.sums(Area.JOURNAL, Of.FILE);
        assertThat(files.count().sum()).isEqualTo(2);
        assertThat(files.failed().sum()).isZero();
        SyncTimes.Sums directories = times.sums(Area.JOURNAL, Of.DIRECTORY);
        assertThat(directories.count().sum()).isOne();
        assertThat(directories.failed().sum()).isOne();
        assertThat(directories.nanos().sum()).isEqualTo(5_000_000);
        assertThat(times.sums(Area.BLOBS, Of.FILE).count().sum()).isZero();
    }
}
