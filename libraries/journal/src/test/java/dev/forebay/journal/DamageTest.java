package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.Durability;
import dev.forebay.journal.JournalException.Fault;
import dev.forebay.journal.JournalSettings.DamagePolicy;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hand-made bad files, one test for each shape. */
class DamageTest {
    static final Path ROOT = Path.of("/journal");
    static final JournalSettings SMALL =
            JournalSettings.defaults().withSegmentBytes(ByteSize.ofKiB(8)).withReadyAhead(1);
    static final JournalSettings ASIDE = SMALL.withOnDamage(DamagePolicy.SET_ASIDE);

    static Journal open(Disk disk, JournalSettings settings) {
        return Journal.open(disk, Clock.system(), ROOT, settings);
    }

    static byte[] payload(long sequence) {
        byte[] bytes = new byte[200];
        Arrays.fill(bytes, (byte) sequence);
        return bytes;
    }

    /** Frames 1 to {@code count}, all synced, left by a process that died. */
    static SimulatedDisk journal(int count) {
        SimulatedDisk disk = new SimulatedDisk();
        Journal journal = open(disk, SMALL);
        for (int i = 1; i <= count; i++) {
            journal.append(payload(i));
        }
        SimulatedDisk left = disk.crash(Survival.EVERYTHING);
        journal.close();
        return left;
    }

    static Path segment(int number) {
        return ROOT.resolve("%016d.journal".formatted(number));
    }

    static void write(Disk disk, Path path, long at, byte[] bytes) throws IOException {
        try (DiskFile file = disk.open(path, Disk.Access.WRITE)) {
            file.writeFully(ByteBuffer.wrap(bytes), at);
            file.sync();
        }
    }

    static byte[] content(Disk disk, Path path) throws IOException {
        try (DiskFile file = disk.open(path, Disk.Access.READ)) {
            ByteBuffer all = ByteBuffer.allocate((int) file.size());
            file.readFully(all, 0);
            return all.array();
        }
    }

    private static void create(Disk disk, Path path, byte[] bytes) throws IOException {
        disk.open(path, Disk.Access.CREATE).close();
        write(disk, path, 0, bytes);
        disk.syncDirectory(ROOT);
    }

    static long offset(int frame) {
        return Layout.HEADER + (frame - 1) * Layout.frameBytes(200);
    }

    /** Every frame in its place with the right content, gaps told; gives how many are missing. */
    static long check(Journal journal) {
        long missing = 0;
        try (JournalReader reader = journal.read(journal.first())) {
            long expected = journal.first();
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                assertThat(entry.sequence()).isEqualTo(expected);
                switch (entry) {
                    case Frame frame -> {
                        if (frame.payload().length == 200) {
                            assertThat(frame.payload()).isEqualTo(payload(expected));
                        }
                    }
                    case Gap gap -> missing += gap.count();
                }
                expected = entry.next();
            }
            assertThat(expected).isEqualTo(journal.next());
        }
        return missing;
    }

    private static void refusedThenSetAside(SimulatedDisk disk, int next, long missing)
            throws IOException {
        List<Path> before = disk.list(ROOT);
        assertThatThrownBy(() -> open(disk, SMALL))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("repair");
        assertThat(disk.list(ROOT)).hasSameElementsAs(before);
        try (Journal journal = open(disk, ASIDE)) {
            assertThat(journal.next()).isEqualTo(next);
            assertThat(check(journal)).isEqualTo(missing);
            assertThat(journal.append(payload(next))).isEqualTo(next);
        }
        try (Journal journal = open(disk, SMALL)) {
            assertThat(journal.next()).isEqualTo(next + 1);
            assertThat(check(journal)).isEqualTo(missing);
        }
    }

    @Test
    void oneBadFrameInFrontOfSyncedOnesIsRefusedOrSetAsideWithAGap() throws Exception {
        for (int frame = 1; frame <= 12; frame++) {
            SimulatedDisk disk = journal(14);
            write(disk, segment(1), offset(frame) + 50, new byte[] {99});
            refusedThenSetAside(disk, 15, 1);
            assertThat(disk.list(ROOT.resolve("aside"))).hasSize(1);
        }
    }

    @Test
    void badFramesAtTheEdgesOfASegmentAreSetAside() throws Exception {
        int perSegment = 17;
        for (int[] bad : new int[][] {{17}, {18}, {17, 18}, {16, 17, 18, 19}, {34, 35}}) {
            SimulatedDisk disk = journal(40);
            for (int frame : bad) {
                int number = 1 + (frame - 1) / perSegment;
                write(
                        disk,
                        segment(number),
                        offset(1 + (frame - 1) % perSegment) + 40,
                        new byte[] {99, 98});
            }
            refusedThenSetAside(disk, 41, bad.length);
        }
    }

    @Test
    void aMissingSegmentIsDetected() throws Exception {
        SimulatedDisk disk = journal(60);
        disk.delete(segment(2));
        disk.syncDirectory(ROOT);
        refusedThenSetAside(disk, 61, 17);
    }

    @Test
    void aSegmentThatIsAllJunkIsKeptAsideAndItsFramesAreAGap() throws Exception {
        SimulatedDisk disk = journal(60);
        byte[] junk = new byte[8192];
        new Random(1).nextBytes(junk);
        write(disk, segment(2), 0, junk);
        refusedThenSetAside(disk, 61, 17);
        assertThat(content(disk, ROOT.resolve("aside").resolve(segment(2).getFileName())))
                .isEqualTo(junk);
    }

    @Test
    void anEmptySegmentFileIsDamageBecauseNamesAreGivenToSyncedHeadersOnly() throws Exception {
        SimulatedDisk disk = journal(20);
        create(disk, segment(9), new byte[0]);
        refusedThenSetAside(disk, 21, 0);
    }

    /** What can happen to a whole segment file. */
    enum Loss {
        DELETED {
            @Override
            void of(Disk disk, Path path) throws IOException {
                disk.delete(path);
                disk.syncDirectory(ROOT);
            }
        },
        EMPTIED {
            @Override
            void of(Disk disk, Path path) throws IOException {
                cut(disk, path, 0);
            }
        },
        CUT_INSIDE_THE_FIRST_HEADER {
            @Override
            void of(Disk disk, Path path) throws IOException {
                cut(disk, path, 20);
            }
        },
        CUT_BEHIND_THE_FIRST_HEADER {
            @Override
            void of(Disk disk, Path path) throws IOException {
                cut(disk, path, 100);
            }
        },
        CUT_BEHIND_THE_SECOND_HEADER {
            @Override
            void of(Disk disk, Path path) throws IOException {
                cut(disk, path, 4095);
            }
        },
        CUT_BEHIND_THE_ZEROS {
            @Override
            void of(Disk disk, Path path) throws IOException {
                cut(disk, path, 4096);
            }
        },
        HEADERS_DAMAGED {
            @Override
            void of(Disk disk, Path path) throws IOException {
                write(disk, path, 3, new byte[] {99});
                write(disk, path, Layout.HEADER_COPY + 3, new byte[] {99});
            }
        };

        abstract void of(Disk disk, Path path) throws IOException;

        private static void cut(Disk disk, Path path, long size) throws IOException {
            try (DiskFile file = disk.open(path, Disk.Access.WRITE)) {
                file.truncate(size);
                file.sync();
            }
        }
    }

    private static SimulatedDisk lost(Loss loss, int... segments) throws IOException {
        SimulatedDisk disk = journal(40);
        for (int number : segments) {
            loss.of(disk, segment(number));
        }
        return disk;
    }

    @ParameterizedTest
    @EnumSource(Loss.class)
    void setAsideCountsEveryFrameOfALostSegment(Loss loss) throws Exception {
        refusedThenSetAside(lost(loss, 1), 41, 17);
        refusedThenSetAside(lost(loss, 2), 41, 17);
        refusedThenSetAside(lost(loss, 1, 2), 41, 34);
    }

    @ParameterizedTest
    @EnumSource(Loss.class)
    void repairMendsALostOldestSegmentAndVerifyIsContentThen(Loss loss) throws Exception {
        SimulatedDisk disk = lost(loss, 1);
        JournalTool tool = new JournalTool(disk, Clock.system(), ROOT);
        assertThat(tool.verify().damage().stream().mapToLong(Recovery.Damage::count).sum())
                .isEqualTo(17);
        List<Entry> dumped = new ArrayList<>();
        tool.dump(1, dumped::add);
        assertThat(dumped.getFirst()).isEqualTo(new Gap(1, 17));
        assertThat(dumped).hasSize(24);
        tool.repair();
        assertThat(tool.verify().damage()).isEmpty();
        assertThat(tool.verify().first()).isEqualTo(1);
        List<Entry> repaired = new ArrayList<>();
        tool.dump(1, repaired::add);
        assertThat(repaired.getFirst()).isEqualTo(new Gap(1, 17));
        assertThat(repaired).hasSize(24);
    }

    @Test
    void setAsideCountsAllFramesIfEverySegmentIsMissing() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (Journal journal = open(disk, SMALL)) {
            for (int i = 1; i <= 40; i++) {
                journal.append(payload(i));
            }
            journal.trim(5);
        }
        for (int number = 1; number <= 9; number++) {
            if (disk.stat(segment(number)).isPresent()) {
                disk.delete(segment(number));
            }
        }
        disk.syncDirectory(ROOT);
        refusedThenSetAside(disk, 41, 36);
    }

    @Test
    void aLostOldestSegmentCountsFromTheTrimmedPosition() throws Exception {
        for (Loss loss : Loss.values()) {
            SimulatedDisk disk = new SimulatedDisk();
            try (Journal journal = open(disk, SMALL)) {
                for (int i = 1; i <= 40; i++) {
                    journal.append(payload(i));
                }
                journal.trim(25);
            }
            loss.of(disk, segment(2));
            try (Journal journal = open(disk, ASIDE)) {
                assertThat(journal.first()).isEqualTo(25);
                assertThat(check(journal)).isEqualTo(10);
            }
        }
    }

    @Test
    void aCopyOfASegmentUnderAnotherNameIsSetAside() throws Exception {
        SimulatedDisk disk = journal(60);
        create(disk, segment(9), content(disk, segment(2)));
        refusedThenSetAside(disk, 61, 0);
    }

    @Test
    void aHeaderWithoutFramesIsAnEmptyJournal() {
        SimulatedDisk disk = journal(0);
        try (Journal journal = open(disk, SMALL)) {
            assertThat(journal.next()).isEqualTo(1);
            assertThat(journal.recovery().tail()).isEmpty();
        }
    }

    @Test
    void aLaterVersionIsRefusedAndLeftAlone() throws Exception {
        SimulatedDisk disk = journal(3);
        byte[] later = new Layout().encodeHeader(new Layout.Header(Layout.VERSION + 1, 1, 5, 6));
        write(disk, segment(1), 0, later);
        for (JournalSettings settings : List.of(SMALL, ASIDE)) {
            assertThatThrownBy(() -> open(disk, settings))
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.UNSUPPORTED));
        }
        assertThat(content(disk, segment(1))).startsWith(later);
    }

    /** Frames; none says that another was synced. */
    private static SimulatedDisk unsynced(int count) {
        SimulatedDisk disk = new SimulatedDisk();
        Journal journal = open(disk, SMALL);
        for (int i = 1; i <= count; i++) {
            journal.append(payload(i), Durability.WRITTEN);
        }
        SimulatedDisk left = disk.crash(Survival.EVERYTHING);
        journal.close();
        return left;
    }

    private static void cut(SimulatedDisk disk, int next) {
        assertThat(new JournalTool(disk, Clock.system(), ROOT).verify().next()).isEqualTo(next);
        try (Journal journal = open(disk, SMALL)) {
            assertThat(journal.next()).isEqualTo(next);
            assertThat(journal.recovery().damage()).isEmpty();
            assertThat(journal.recovery().tail())
                    .hasValueSatisfying(tail -> assertThat(tail.sequence()).isEqualTo(next));
            assertThat(check(journal)).isZero();
            assertThat(journal.append(payload(next))).isEqualTo(next);
        }
        try (Journal journal = open(disk, SMALL)) {
            assertThat(journal.recovery().tail()).isEmpty();
            assertThat(journal.next()).isEqualTo(next + 1);
            assertThat(check(journal)).isZero();
        }
    }

    @Test
    void junkAtTheEndIsCut() throws Exception {
        SimulatedDisk disk = journal(10);
        byte[] junk = new byte[300];
        new Random(2).nextBytes(junk);
        write(disk, segment(1), offset(11), junk);
        cut(disk, 11);
    }

    @Test
    void aFileThatEndsInsideAFrameIsCutWhereverItEnds() throws Exception {
        for (long size = offset(10) + 1; size < offset(11); size += 7) {
            SimulatedDisk disk = unsynced(10);
            try (DiskFile file = disk.open(segment(1), Disk.Access.WRITE)) {
                file.truncate(size);
                file.sync();
            }
            try (Journal journal = open(disk, SMALL)) {
                assertThat(journal.next()).isEqualTo(10 + (size >= offset(11) ? 1 : 0));
                assertThat(check(journal)).isZero();
                assertThat(journal.append(payload(10))).isEqualTo(10);
            }
        }
    }

    @Test
    void whatNobodyCalledSyncedIsCutAtItsFirstBadFrameEvenIfMoreCanBeRead() throws Exception {
        for (int frame : new int[] {1, 5, 17, 18, 30}) {
            SimulatedDisk disk = unsynced(40);
            int number = 1 + (frame - 1) / 17;
            write(disk, segment(number), offset(1 + (frame - 1) % 17) + 100, new byte[] {99});
            cut(disk, frame);
        }
    }

    @Test
    void aTailOfZerosIsCutWithoutAWord() throws Exception {
        SimulatedDisk disk = unsynced(10);
        write(disk, segment(1), offset(8), new byte[(int) (3 * Layout.frameBytes(200))]);
        try (Journal journal = open(disk, SMALL)) {
            assertThat(journal.next()).isEqualTo(8);
            assertThat(check(journal)).isZero();
        }
    }

    @Test
    void payloadThatIsAFrameIsNotTakenForOne() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        Journal journal = open(disk, SMALL);
        for (int i = 1; i <= 5; i++) {
            journal.append(payload(i));
        }
        // A whole frame of this segment for another place, which calls frame 8 synced.
        Layout layout = new Layout();
        Layout.Header header =
                Objects.requireNonNull(
                        layout.decodeHeader(content(disk, segment(1)), Layout.HEADER));
        byte[] frame = new byte[(int) Layout.frameBytes(200)];
        layout.encodeFrame(frame, 0, 200, layout.key(header), offset(2), 9, 0, 0, 1);
        journal.append(frame, Durability.WRITTEN);
        journal.append(frame, Durability.WRITTEN);
        SimulatedDisk left = disk.crash(Survival.EVERYTHING);
        journal.close();
        // The frame around it is torn, so that the search behind it meets the payload.
        write(left, segment(1), offset(6) + 8, new byte[] {99});
        try (Journal again = open(left, ASIDE)) {
            assertThat(again.next()).isEqualTo(6);
            assertThat(again.recovery().damage()).isEmpty();
        }
    }

    private static long framesAfterRecycling() {
        SimulatedDisk disk = new SimulatedDisk();
        JournalSettings settings = SMALL.withSpares(8);
        try (Journal journal = Journal.open(disk, Clock.system(), ROOT, settings)) {
            for (int i = 1; i <= 17 * 6; i++) {
                journal.append(payload(i), Durability.WRITTEN);
            }
            journal.trim(17 * 5);
        }
        SimulatedDisk left;
        long next;
        try (Journal journal = Journal.open(disk, Clock.system(), ROOT, settings)) {
            journal.append(payload(journal.next()), Durability.WRITTEN);
            next = journal.next();
            left = disk.crash(Survival.EVERYTHING);
        }
        // What a recycled file may hold behind its newest frame: an old frame with the right
        // number.
        Layout layout = new Layout();
        byte[] stale = new byte[(int) Layout.frameBytes(200)];
        layout.encodeFrame(
                stale,
                0,
                200,
                layout.key(new Layout.Header(3, 4711, 0)),
                offset(2),
                next,
                0,
                0,
                next);
        try {
            Scan scan = new Scan(new JournalDirectory(left, Clock.system(), ROOT));
            scan.run();
            write(left, scan.parts.getLast().path, offset(2), stale);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        try (Journal journal = Journal.open(left, Clock.system(), ROOT, settings)) {
            return journal.next() - next;
        }
    }

    @Test
    void aFrameLeftOverInARecycledFileIsNotTaken() {
        assertThat(framesAfterRecycling()).isZero();
    }

    @Test
    void theToolsTellWhatIsThereAndRepairMendsIt() throws Exception {
        SimulatedDisk disk = journal(40);
        write(disk, segment(1), offset(3) + 50, new byte[] {99});
        JournalTool tool = new JournalTool(disk, Clock.system(), ROOT);
        assertThat(tool.inspect().segments()).hasSize(3);
        assertThat(tool.verify().damage()).hasSize(1);
        assertThat(tool.repair().damage())
                .singleElement()
                .satisfies(damage -> {
                    assertThat(damage.sequence()).isEqualTo(3);
                    assertThat(damage.count()).isEqualTo(1);
                    assertThat(damage.offset()).isEqualTo(offset(3));
                });
        assertThat(tool.verify().damage()).isEmpty();
        List<Entry> entries = new ArrayList<>();
        tool.dump(2, entries::add);
        assertThat(entries).hasSize(39);
        assertThat(entries.get(1)).isEqualTo(new Gap(3, 1));
    }
}
