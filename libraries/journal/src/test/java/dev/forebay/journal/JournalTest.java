package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.journal.JournalException.Fault;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    static final JournalSettings SMALL =
            JournalSettings.defaults().withSegmentBytes(ByteSize.ofKiB(8));

    @TempDir Path temp;

    /** Waits until {@code condition} holds; a spin, because what it waits for takes no time. */
    static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline)
                    .as("waited in vain until %s", what)
                    .isNegative();
            Thread.onSpinWait();
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static List<String> read(Journal journal) {
        List<String> found = new ArrayList<>();
        try (JournalReader reader = journal.read(journal.first())) {
            long expected = journal.first();
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                assertThat(entry.sequence()).isEqualTo(expected);
                expected = entry.next();
                found.add(
                        switch (entry) {
                            case Frame frame -> new String(frame.payload(), StandardCharsets.UTF_8);
                            case Gap gap -> "gap of " + gap.count();
                        });
            }
        }
        return found;
    }

    private Journal open(JournalSettings settings) {
        return Journal.open(Disk.system(), Clock.system(), temp.resolve("j"), settings);
    }

    @Test
    void whatWasAppendedIsReadBackInOrderNowAndAfterReopening() {
        List<String> expected = new ArrayList<>();
        try (Journal journal = open(SMALL)) {
            for (int i = 1; i <= 500; i++) {
                Durability level = i % 3 == 0 ? Durability.SYNCED : Durability.WRITTEN;
                assertThat(journal.append(bytes("payload " + i), level)).isEqualTo(i);
                expected.add("payload " + i);
            }
            assertThat(read(journal)).isEqualTo(expected);
        }
        for (int open = 0; open < 3; open++) {
            try (Journal journal = open(SMALL)) {
                assertThat(journal.recovery().tail()).isEmpty();
                assertThat(journal.recovery().damage()).isEmpty();
                assertThat(read(journal)).isEqualTo(expected);
                expected.add("more " + open);
                journal.append(bytes("more " + open));
            }
        }
    }

    @Test
    void aFolderThatHasNoParentIsRefusedWithTheNextStep() {
        Path lost = temp.resolve("not").resolve("here");
        assertThatThrownBy(() ->
                        Journal.open(
                                Disk.system(), Clock.system(), lost, JournalSettings.defaults()))
                .isInstanceOf(JournalException.class)
                .hasMessage(
                        "cannot open "
                                + lost
                                + ": its folder "
                                + lost.getParent()
                                + " is not there; make that first");
    }

    @Test
    void numberStandsInFrontOfItsPayloadInOneCallOrInMany() {
        try (Journal journal = open(SMALL)) {
            List<byte[]> batch = List.of(bytes("a"), new byte[0], bytes("ccc"));
            assertThat(journal.appendNumbered(1L << 40, batch, 3, Durability.WRITTEN)).isEqualTo(3);
            assertThat(journal.appendNumbered(-2, bytes("d"), 4, Durability.SYNCED)).isEqualTo(4);
            List<String> found = new ArrayList<>();
            try (JournalReader reader = journal.read(1)) {
                for (int i = 0; i < 4; i++) {
                    if (reader.next() instanceof Frame frame) {
                        ByteBuffer payload = ByteBuffer.wrap(frame.payload());
                        long number = payload.getLong();
                        String rest = StandardCharsets.UTF_8.decode(payload).toString();
                        found.add(number + rest + frame.flags());
                    }
                }
            }
            assertThat(found)
                    .containsExactly(
                            "1099511627776a3", "10995116277773", "1099511627778ccc3", "-2d4");
        }
    }

    @Test
    void aBatchIsReadBackWithItsFlagsAndTimes() {
        try (Journal journal = open(SMALL)) {
            List<byte[]> batch = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                batch.add(new byte[i * 10]);
            }
            assertThat(journal.append(batch, 7, Durability.SYNCED)).isEqualTo(20);
            assertThat(journal.synced()).isEqualTo(20);
            journal.append(ByteBuffer.wrap(bytes("abc"), 1, 1), 65535, Durability.WRITTEN);
            try (JournalReader reader = journal.read(1)) {
                for (int i = 0; i < 20; i++) {
                    assertThat(reader.next())
                            .isInstanceOfSatisfying(
                                    Frame.class, frame -> assertThat(frame.flags()).isEqualTo(7));
                }
                assertThat(reader.next())
                        .isInstanceOfSatisfying(
                                Frame.class,
                                frame -> {
                                    assertThat(frame.flags()).isEqualTo(65535);
                                    assertThat(frame.payload()).isEqualTo(bytes("b"));
                                });
                assertThat(reader.next()).isNull();
                journal.append(bytes("late"));
                assertThat(reader.next()).isNotNull();
            }
        }
    }

    @Test
    void manyThreadsAppendAndEveryFrameIsThereOnce() throws Exception {
        try (Journal journal = open(SMALL);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < 16; t++) {
                String name = "thread " + t + " ";
                all.add(
                        threads.submit(() -> {
                            for (int i = 0; i < 50; i++) {
                                long sequence = journal.append(bytes(name + i));
                                assertThat(journal.synced()).isGreaterThanOrEqualTo(sequence);
                            }
                        }));
            }
            for (Future<?> one : all) {
                one.get(60, TimeUnit.SECONDS);
            }
            assertThat(read(journal)).hasSize(800).doesNotHaveDuplicates();
        }
    }

    /** Trimmed frames are overwritten as soon as their file is used again. */
    @Test
    void readerReadsItsTrimmedSegmentToTheEnd() {
        SimulatedDisk disk = new SimulatedDisk();
        JournalSettings settings =
                JournalSettings.defaults().withSegmentBytes(ByteSize.ofMiB(1)).withSpares(4);
        try (Journal journal = Journal.open(disk, Clock.system(), Path.of("/j"), settings)) {
            appendLarge(journal, 200);
            try (JournalReader reader = journal.read(20)) {
                isLarge(reader.next(), 20);
                journal.trim(journal.next());
                appendLarge(journal, 900);
                long segmentEnds = 64; // 12 frames in the first segment, 52 in this one.
                for (long i = 21; i <= segmentEnds; i++) {
                    isLarge(reader.next(), i);
                }
                assertThatThrownBy(reader::next)
                        .isInstanceOf(JournalException.class)
                        .hasMessageContaining("frame 65 was trimmed");
            } catch (DamagedException e) {
                throw new AssertionError("the file was used again under its reader", e);
            }
        }
    }

    private static void appendLarge(Journal journal, long until) {
        while (journal.next() <= until) {
            byte[] payload = new byte[20_000];
            Arrays.fill(payload, (byte) journal.next());
            journal.append(payload, Durability.WRITTEN);
        }
    }

    private static void isLarge(@Nullable Entry entry, long sequence) {
        assertThat(entry)
                .isInstanceOfSatisfying(
                        Frame.class,
                        frame -> {
                            assertThat(frame.sequence()).isEqualTo(sequence);
                            assertThat(frame.payload()).containsOnly((byte) sequence);
                        });
    }

    @Test
    void trimmingFreesSegmentsAndKeepsTheRest() {
        try (Journal journal = open(SMALL)) {
            for (int i = 1; i <= 1000; i++) {
                journal.append(bytes("payload " + i), Durability.WRITTEN);
                if (i % 100 == 0) {
                    journal.trim(i - 10);
                }
            }
            assertThat(journal.first()).isEqualTo(990);
            assertThat(read(journal)).hasSize(11).first().isEqualTo("payload 990");
            assertThatThrownBy(() -> journal.read(5))
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.OUT_OF_RANGE));
        }
        try (Journal journal = open(SMALL)) {
            assertThat(read(journal)).hasSize(11).first().isEqualTo("payload 990");
            journal.trim(journal.next());
        }
        try (Journal journal = open(SMALL)) {
            assertThat(journal.next()).isEqualTo(1001);
            assertThat(read(journal)).isEmpty();
        }
    }

    @Test
    void aSecondOwnerIsRefusedWithThePidOfTheFirst() {
        try (Journal journal = open(SMALL)) {
            assertThatThrownBy(() -> open(SMALL))
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.LOCKED))
                    .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
            assertThat(journal.next()).isEqualTo(1);
        }
    }

    @Test
    void whatDoesNotFitIntoASegmentIsRefusedAndTheNextAppendSucceeds() {
        try (Journal journal = open(SMALL)) {
            assertThatThrownBy(() -> journal.append(new byte[9000]))
                    .isInstanceOfSatisfying(
                            JournalException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.TOO_LARGE));
            assertThat(journal.append(new byte[4096 - Layout.FRAME])).isEqualTo(1);
            assertThat(journal.append(new byte[0])).isEqualTo(2);
        }
    }

    @Test
    void afterClosingEverythingIsRefusedAndClosingAgainDoesNothing() {
        Journal journal = open(SMALL);
        journal.close();
        journal.close();
        assertThatThrownBy(() -> journal.append(new byte[1]))
                .isInstanceOfSatisfying(
                        JournalException.class, e -> assertThat(e.fault()).isEqualTo(Fault.CLOSED));
    }
}
