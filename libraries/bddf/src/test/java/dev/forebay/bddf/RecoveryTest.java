package dev.forebay.bddf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A page that was not completed keeps every block that was synced, and says what it lost. */
class RecoveryTest {
    private static final Path PAGE = Path.of("/p.bddf");
    private static final Path INDEX = Path.of("/p.index");
    private static final Path ROOT = Path.of("/");

    private static PageWriter create(Disk disk) throws IOException {
        PageWriter page = PageWriter.create(disk, PAGE, INDEX, Map.of());
        page.addSeries(
                Samples.channel("a"),
                new SeriesType.Message("text/plain", "t", false),
                Map.of(),
                List.of(),
                "");
        page.addSeries(
                Samples.channel("b"),
                new SeriesType.Message("text/plain", "t", false),
                Map.of(),
                List.of("n"),
                "");
        return page;
    }

    private static void write(PageWriter page, int i) throws IOException {
        if (i % 5 == 4) {
            page.write(0, i, ByteBuffer.allocate(0));
        } else if (i % 2 == 0) {
            page.write(0, i, Samples.bytes("block " + i));
        } else {
            page.write(1, i, Samples.bytes("block " + i), i);
        }
    }

    private static byte[] content(Disk disk, Path path) throws IOException {
        try (DiskFile file = disk.open(path, Disk.Access.READ)) {
            byte[] bytes = new byte[(int) file.size()];
            file.readFully(ByteBuffer.wrap(bytes), 0);
            return bytes;
        }
    }

    /** The times of all blocks, and of the empty ones of the index. */
    private static List<Long> times(Disk disk) throws IOException {
        List<Long> times = new ArrayList<>();
        BddfStream stream = Samples.stream(content(disk, PAGE));
        for (Block block = stream.next(); block != null; block = stream.next()) {
            assertThat(Samples.text(block)).isEqualTo("block " + block.nanos());
            times.add(block.nanos());
        }
        PageIndex index = PageIndex.read(Source.of(content(disk, INDEX)));
        assertThat(index.blocks()).isEqualTo(times.size());
        index.entries().stream()
                .filter(PageIndex.Entry::empty)
                .forEach(entry -> times.add(entry.nanos()));
        return times;
    }

    private static void work(Disk disk, CrashMatrix.Acks<Integer> acks) throws IOException {
        try (PageWriter page = create(disk)) {
            disk.syncDirectory(ROOT);
            for (int i = 0; i < 20; i++) {
                write(page, i);
                if (i % 3 == 2) {
                    page.sync();
                    acks.add(i);
                }
            }
        }
        acks.add(19);
    }

    private static void check(SimulatedDisk disk, List<Integer> acks) throws IOException {
        if (acks.isEmpty()) {
            return;
        }
        BddfRecovery.recover(disk, PAGE, INDEX);
        List<Long> times = times(disk);
        for (long i = 0; i <= acks.getLast(); i++) {
            assertThat(times).contains(i);
        }
        assertThat(times).doesNotHaveDuplicates();
    }

    @Test
    void syncedBlocksAreThereAfterACrashAtAnyCall() throws Exception {
        assertThat(CrashMatrix.randoms(4).run(RecoveryTest::work, RecoveryTest::check))
                .isGreaterThan(100);
    }

    @Test
    void recoveryThatIsCrashedTooLosesNothing() throws Exception {
        CrashMatrix.Work<Integer> recovery =
                (disk, acks) -> {
                    if (!acks.sofar().isEmpty()) {
                        BddfRecovery.recover(disk, PAGE, INDEX);
                    }
                };
        assertThat(
                        CrashMatrix.randoms(1)
                                .runTwice(RecoveryTest::work, recovery, RecoveryTest::check))
                .isGreaterThan(100);
    }

    @Test
    void pageThatIsCutAnywhereKeepsItsWholeBlocks() throws IOException {
        SimulatedDisk whole = new SimulatedDisk();
        List<Long> ends = new ArrayList<>();
        try (PageWriter page = create(whole)) {
            for (int i = 0; i < 12; i++) {
                write(page, i);
                page.flush();
                ends.add(whole.stat(PAGE).orElseThrow().size());
            }
        }
        byte[] bytes = content(whole, PAGE);
        long first = ends.getFirst() - 60;
        for (int length = (int) first; length < bytes.length; length++) {
            SimulatedDisk cut = whole.kill();
            try (DiskFile file = cut.open(PAGE, Disk.Access.WRITE)) {
                file.truncate(length);
            }
            long expected = 0;
            for (int i = 0; i < ends.size(); i++) {
                expected += i % 5 != 4 && ends.get(i) <= length ? 1 : 0;
            }
            BddfRecovery.Report report = BddfRecovery.recover(cut, PAGE, INDEX);
            assertThat(report.blocks()).as("cut at %d", length).isEqualTo(expected);
            assertThat(report.complete()).isFalse();
            assertThat(report.damage()).isEmpty();
            times(cut);
            assertThat(BddfRecovery.recover(cut, PAGE, INDEX).complete()).isTrue();
        }
    }

    @Test
    void completePageIsLeftAsItIs() throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        try (PageWriter page = create(disk)) {
            for (int i = 0; i < 10; i++) {
                write(page, i);
            }
            assertThat(page.emptyPayloads()).isEqualTo(2);
        }
        byte[] before = content(disk, PAGE);
        BddfRecovery.Report report = BddfRecovery.recover(disk, PAGE, INDEX);
        assertThat(report).isEqualTo(new BddfRecovery.Report(true, 8, 2, 0, 0, List.of()));
        assertThat(content(disk, PAGE)).isEqualTo(before);
    }

    @Test
    void damagedBlockInTheMiddleIsReportedAndTheOthersAreKept() throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        long from;
        long until;
        PageWriter page = create(disk);
        write(page, 0);
        page.flush();
        from = disk.stat(PAGE).orElseThrow().size();
        write(page, 1);
        page.flush();
        until = disk.stat(PAGE).orElseThrow().size();
        write(page, 2);
        write(page, 3);
        page.flush();
        try (DiskFile file = disk.open(PAGE, Disk.Access.WRITE)) {
            file.writeFully(ByteBuffer.wrap(new byte[] {0x55}), until - 1);
        }
        BddfRecovery.Report report = BddfRecovery.recover(disk, PAGE, INDEX);
        assertThat(report.damage()).containsExactly(new BddfRecovery.Damage(from, until - from, 1));
        assertThat(report.blocks()).isEqualTo(3);
        BddfFile file = BddfFile.open(Source.of(content(disk, PAGE)));
        assertThat(file.series(0).blocks().count()).isEqualTo(2);
        assertThat(file.series(1).blocks().count()).isEqualTo(1);
        assertThat(Samples.text(file.read(1, 0))).isEqualTo("block 3");
    }

    @Test
    void changedByteOfABlockIsFoundByTheIndexBesideThePage() throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        try (PageWriter page = create(disk)) {
            write(page, 0);
        }
        byte[] bytes = content(disk, PAGE);
        PageIndex index = PageIndex.read(Source.of(content(disk, INDEX)));
        int from = (int) index.entries().getFirst().offset();
        assertThat(Samples.text(BddfFile.open(Source.of(bytes), index).read(0, 0)))
                .isEqualTo("block 0");
        int length = Layout.HEADER + 4 + (int) Layout.size(bytes[from] & 0xFF);
        for (int at = from; at < from + length; at++) {
            byte[] changed = bytes.clone();
            changed[at] ^= 1;
            assertThatThrownBy(() -> BddfFile.open(Source.of(changed), index).read(0, 0))
                    .as("byte %d", at)
                    .isInstanceOf(BddfException.class);
        }
    }

    @Test
    void pageWithoutItsIndexIsRecoveredByItsBlocks() throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        PageWriter page = create(disk);
        for (int i = 0; i < 4; i++) {
            write(page, i);
        }
        page.sync();
        disk.delete(INDEX);
        assertThat(BddfRecovery.recover(disk, PAGE, INDEX).blocks()).isEqualTo(4);
        assertThat(times(disk)).containsExactlyInAnyOrder(0L, 1L, 2L, 3L);
    }

    @Test
    void cutFileWithAChecksumGetsARightOne() throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        byte[] whole = Samples.mixed(Checksum.SHA1, 20);
        try (DiskFile file = disk.open(PAGE, Disk.Access.CREATE)) {
            file.writeFully(ByteBuffer.wrap(whole, 0, whole.length / 2), 0);
        }
        BddfRecovery.Report report = BddfRecovery.recover(disk, PAGE, INDEX);
        assertThat(report.blocks()).isBetween(5L, 35L);
        assertThat(Samples.read(content(disk, PAGE))).hasSize((int) report.blocks());
    }

    /** The system counts bytes as clean whose sync failed, and the next sync passes over them. */
    @Test
    void recoveryMakesDurableWhatAFailedSyncLeftInTheCache() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        PageWriter page = create(disk);
        disk.syncDirectory(ROOT);
        for (int i = 0; i < 100; i++) { // Over many sectors: the end is written into the last one.
            write(page, i);
        }
        disk.faults(Faults.failNth(1, call -> call.kind() == DiskCall.Kind.SYNC));
        assertThatThrownBy(page::sync).isInstanceOf(IOException.class);
        page.close();
        assertThat(BddfRecovery.recover(disk, PAGE, INDEX).blocks()).isEqualTo(80);
        SimulatedDisk left = disk.crash(Survival.NOTHING);
        assertThat(content(left, PAGE)).isEqualTo(content(disk, PAGE));
        assertThat(times(left)).hasSize(100);
    }
}
