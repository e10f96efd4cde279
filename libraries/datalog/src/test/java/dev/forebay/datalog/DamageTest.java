package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.Durability;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Damaged files stop neither an opening nor an answer, and no wrong byte is given. */
class DamageTest {
    private final SimulatedDisk disk = new SimulatedDisk();

    private DataLog filled() {
        DataLog log = Logs.open(disk);
        for (int i = 0; i < 100; i++) {
            log.record(
                    List.of(
                            Messages.comment("comment number " + i, i),
                            Messages.blob("b", i, "blob number " + i)),
                    Durability.SYNCED);
        }
        return log;
    }

    private List<Path> files() throws IOException {
        return disk.list(Logs.FOLDER.resolve("pages")).stream().sorted().toList();
    }

    private long flip(Path path, long at) throws IOException {
        try (DiskFile file = disk.open(path, Disk.Access.WRITE)) {
            if (at < file.size()) {
                ByteBuffer one = ByteBuffer.allocate(1);
                file.readFully(one, at);
                one.put(0, (byte) (one.get(0) ^ 0x10)).flip();
                file.writeFully(one, at);
            }
            return file.size();
        }
    }

    /** The numbers at the ends of texts; each text is the one that was recorded. */
    private static void checkTrue(List<String> texts, String prefix) {
        for (String text : texts) {
            assertThat(text).matches(prefix + " number [0-9]{1,2}");
        }
        assertThat(texts).doesNotHaveDuplicates();
    }

    @Test
    void flippedByteOfAnyFileGivesNoWrongByteAndStopsNothing() throws Exception {
        filled().close();
        List<Path> files = files();
        for (Path path : files) {
            long size = 1;
            for (long at = 0; at < size; at += 97) {
                size = flip(path, at);
                try (DataLog log = Logs.open(disk)) {
                    List<String> comments = Logs.comments(log);
                    checkTrue(comments, "comment");
                    List<String> blobs = Logs.blobs(log);
                    checkTrue(blobs, "blob");
                    assertThat(comments.size() + blobs.size()).isGreaterThanOrEqualTo(100);
                    if (comments.size() + blobs.size() < 200) {
                        assertThat(log.status().damaged()).as("%s at %d", path, at).isPositive();
                    }
                }
                flip(path, at);
            }
        }
    }

    @Test
    void pageThatIsGoneIsCountedAndStopsNothing() throws Exception {
        filled().close();
        Path page =
                files().stream()
                        .filter(path -> path.toString().endsWith(".bddf"))
                        .findFirst()
                        .orElseThrow();
        disk.delete(page);
        try (DataLog log = Logs.open(disk)) {
            Ledger ledger = log.ledger();
            assertThat(ledger.lost().get(Loss.DAMAGED)).isPositive();
            assertThat(ledger.taken()).isEqualTo(200);
            assertThat(ledger.balances()).as("%s", ledger).isTrue();
            assertThat(Logs.comments(log).size() + Logs.blobs(log).size())
                    .isEqualTo((int) ledger.held());
        }
    }

    @Test
    void catalogueThatIsGoneCostsNoEntry() throws Exception {
        filled().close();
        Path catalogue = Logs.FOLDER.resolve("catalogue");
        for (Path path : disk.list(catalogue)) {
            disk.delete(path);
        }
        try (DataLog log = Logs.open(disk)) {
            assertThat(Logs.comments(log)).hasSize(100);
            assertThat(Logs.blobs(log)).hasSize(100);
            assertThat(log.ledger().taken()).isEqualTo(200);
        }
    }

    @Test
    void pageThatWasCutInTheMiddleKeepsWhatIsWhole() throws Exception {
        filled().close();
        for (Path path : disk.list(Logs.FOLDER.resolve("catalogue"))) {
            disk.delete(path);
        }
        Path page =
                files().stream()
                        .filter(path -> path.toString().endsWith(".bddf"))
                        .findFirst()
                        .orElseThrow();
        try (DiskFile file = disk.open(page, Disk.Access.WRITE)) {
            file.truncate(file.size() / 2);
        }
        try (DataLog log = Logs.open(disk)) {
            Ledger ledger = log.ledger();
            assertThat(ledger.lost().get(Loss.DAMAGED)).isPositive();
            assertThat(ledger.taken()).isEqualTo(200);
            assertThat(ledger.balances()).isTrue();
            checkTrue(Logs.comments(log), "comment");
            checkTrue(Logs.blobs(log), "blob");
        }
    }
}
