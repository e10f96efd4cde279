package dev.forebay.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {
    private final ManualClock clock = new ManualClock();

    @TempDir private Path directory;

    private RunLog create(int longest, long most) throws IOException {
        return RunLog.create(
                directory.resolve("log"),
                new LogLimits(ByteSize.of(longest), ByteSize.of(most)),
                clock);
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<LogLine> lines(LogReader reader) throws InterruptedException {
        List<LogLine> lines = new ArrayList<>();
        try (reader) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                lines.add(line);
            }
        }
        return lines;
    }

    private static List<String> texts(RunLog log, LogQuery query) throws InterruptedException {
        return lines(log.read(query)).stream().map(RunLogTest::text).toList();
    }

    private static String text(LogLine line) {
        return new String(line.text(), StandardCharsets.UTF_8) + (line.whole() ? "|" : "");
    }

    @Test
    void linesAreGivenBackWithTheirEnds() throws Exception {
        try (RunLog log = create(10, 10_000)) {
            log.copy(bytes("one\n\n0123456789\n0123456789ab\nlast"));
            assertThat(texts(log, LogQuery.ALL))
                    .containsExactly("one|", "|", "0123456789|", "0123456789", "ab|", "last");
        }
    }

    @Test
    void longLineIsDividedAndNotHeld() throws Exception {
        long size = 100L << 20;
        try (RunLog log = create(1 << 20, 200L << 20)) {
            log.copy(new ZeroStream(size));
            int pieces = 0;
            try (LogReader reader = log.read(LogQuery.ALL)) {
                for (LogLine line = reader.next(); line != null; line = reader.next()) {
                    assertThat(line.text()).hasSize(1 << 20);
                    assertThat(line.whole()).isFalse();
                    pieces++;
                }
            }
            assertThat(pieces).isEqualTo(100);
        }
    }

    @Test
    void logHasABoundAndCountsWhatItDrops() throws Exception {
        try (RunLog log = create(100, 100)) {
            log.copy(bytes("0123456789\n".repeat(10)));
            log.copy(bytes("x\n"));
            log.end();
            // Three frames of 17 + 10 bytes fit into 100; a shorter line after them is no
            // exception.
            assertThat(texts(log, LogQuery.ALL))
                    .containsExactly(
                            "0123456789|",
                            "0123456789|",
                            "0123456789|",
                            "forebay: 79 bytes of this log were dropped: it may have 100 B|");
        }
    }

    @Test
    void timesNeverGoBack() throws Exception {
        try (RunLog log = create(100, 10_000)) {
            log.copy(bytes("a\n"));
            clock.stepWall(Duration.ofMinutes(-1));
            log.copy(bytes("b\n"));
            clock.stepWall(Duration.ofMinutes(2));
            log.copy(bytes("c\n"));
            List<Instant> times = lines(log.read(LogQuery.ALL)).stream().map(LogLine::at).toList();
            assertThat(times).isSorted();
            assertThat(times.get(1)).isEqualTo(times.get(0).plusNanos(1));
            assertThat(
                            texts(
                                    log,
                                    new LogQuery(
                                            Optional.of(times.get(1)),
                                            OptionalLong.empty(),
                                            false)))
                    .containsExactly("c|");
        }
    }

    @Test
    void tailGivesTheLastLines() throws Exception {
        try (RunLog log = create(100, 10_000)) {
            log.copy(bytes("a\nb\nc\n"));
            assertThat(texts(log, tail(2))).containsExactly("b|", "c|");
            assertThat(texts(log, tail(0))).isEmpty();
            assertThat(texts(log, tail(9))).containsExactly("a|", "b|", "c|");
        }
    }

    private static LogQuery tail(long count) {
        return new LogQuery(Optional.empty(), OptionalLong.of(count), false);
    }

    @Test
    void reopenedLogEndsWithItsLastWholeLine() throws Exception {
        try (RunLog log = create(100, 10_000)) {
            log.copy(bytes("a\nb\n"));
        }
        Path path = directory.resolve("log");
        Files.write(path, new byte[] {0, 0, 0, 1}, StandardOpenOption.APPEND);
        try (RunLog log = RunLog.reopen(path, LogLimits.defaults(), clock)) {
            assertThat(texts(log, LogQuery.ALL.following())).containsExactly("a|", "b|");
        }
        Files.write(path, new byte[40], StandardOpenOption.APPEND);
        byte[] whole = Files.readAllBytes(path);
        Files.write(path, Arrays.copyOf(whole, 2 * LogFrame.HEADER + 1));
        try (RunLog log = RunLog.reopen(path, LogLimits.defaults(), clock)) {
            assertThat(texts(log, LogQuery.ALL)).containsExactly("a|");
        }
    }

    @Test
    void sourceIsReadToItsEndThoughTheLogCannotBeWritten() throws Exception {
        RunLog log = create(100, 10_000);
        log.copy(bytes("a\n"));
        log.close();
        InputStream more = bytes("b\nc\n");
        log.copy(more);
        assertThat(more.read()).isEqualTo(-1);
        LogReader reader = log.read(LogQuery.ALL);
        try (reader) {
            assertThat(reader.next()).isNotNull();
            assertThatThrownBy(reader::next)
                    .isInstanceOf(RunLogException.class)
                    .hasMessageContaining("could not be stored");
        }
    }

    /** Wherever the disk is full, and also to who opens the log when its run has ended. */
    @Test
    void logThatAFullDiskCutsShortSaysSoAtItsEnd() throws Exception {
        Path path = directory.resolve("log");
        for (int room = 512; room < 1200; room++) {
            int most = room;
            RunLog.Writing full =
                    (file, bytes, at) -> {
                        if (at >= most) {
                            throw new IOException("No space left on device");
                        }
                        int count = (int) Math.min(bytes.remaining(), most - at);
                        int written = file.write(bytes.slice(bytes.position(), count), at);
                        bytes.position(bytes.position() + written);
                        return written;
                    };
            RunLog log = RunLog.create(path, LogLimits.defaults(), clock, full);
            for (int i = 0; i < 9; i++) {
                log.copy(bytes("%060d\n%060d\n".formatted(i, i)));
            }
            log.close();
            List<String> later;
            try (RunLog again = RunLog.reopen(path, LogLimits.defaults(), clock)) {
                later = texts(again, LogQuery.ALL);
            }
            int stored = later.size() - 1;
            assertThat(later.getLast())
                    .as("room for %d bytes", room)
                    .isEqualTo(
                            "forebay: the rest of this log, %d bytes, could not be stored: No space left on device|",
                            (18 - stored) * 61);
            assertThat(later.subList(0, stored)).allMatch(text -> text.length() == 61);
            assertThat(texts(log, LogQuery.ALL.following())).isEqualTo(later);
            Files.delete(path);
        }
    }

    @Test
    void linesThatComeAtOnceHaveTimesOfTheirOwnAndPiecesThatOfTheirLine() throws Exception {
        try (RunLog log = create(10, 1000)) {
            log.copy(bytes("one\ntwo\n0123456789ab\nlast\n"));
            Instant first = clock.wall();
            assertThat(times(log))
                    .containsExactly(
                            first,
                            first.plusNanos(1),
                            first.plusNanos(2),
                            first.plusNanos(2),
                            first.plusNanos(3));
            LogQuery second = new LogQuery(Optional.of(first), OptionalLong.empty(), false);
            assertThat(texts(log, second)).containsExactly("two|", "0123456789", "ab|", "last|");
        }
    }

    private RunLog resume(long most) throws IOException {
        return RunLog.resume(directory.resolve("log"), limits(most), clock);
    }

    private static List<Instant> times(RunLog log) throws InterruptedException {
        return lines(log.read(LogQuery.ALL)).stream().map(LogLine::at).toList();
    }

    /** The second line was cut in two by its length, the last one by the end of the server. */
    @Test
    void logThatComesAnewKeepsTheTimesOfItsLines() throws Exception {
        Instant first = clock.wall();
        try (RunLog log = create(10, 1000)) {
            log.copy(bytes("one\n0123456789ab\nla"));
        }
        clock.advance(Duration.ofSeconds(1));
        try (RunLog log = resume(1000)) {
            assertThat(texts(log, LogQuery.ALL)).as("before it came anew").isEmpty();
            log.copy(bytes("one\n0123456789ab\nlast\nnext\n"));
            assertThat(texts(log, LogQuery.ALL))
                    .containsExactly("one|", "0123456789", "ab|", "la", "st|", "next|");
            Instant later = clock.wall();
            assertThat(times(log))
                    .containsExactly(
                            first,
                            first.plusNanos(1),
                            first.plusNanos(1),
                            first.plusNanos(2),
                            first.plusNanos(2),
                            later);
        }
        clock.advance(Duration.ofSeconds(1));
        try (RunLog log = resume(1000)) {
            log.copy(bytes("one\n0123456789ab\nlast\nnext\n"));
            assertThat(texts(log, LogQuery.ALL)).hasSize(6);
            assertThat(times(log)).doesNotContain(clock.wall());
        }
    }

    @Test
    void logThatComesAnewOtherwiseIsWhatCame() throws Exception {
        try (RunLog log = create(10, 1000)) {
            log.copy(bytes("same\nforebay: a note\nlost\n"));
        }
        for (String anew : List.of("same\nother\n", "same\nfore", "same\nother\nand\nmore\n")) {
            try (RunLog log = resume(1000)) {
                log.copy(bytes(anew));
                assertThat(String.join("", texts(log, LogQuery.ALL)))
                        .isEqualTo(anew.replace('\n', '|'));
            }
        }
    }

    @Test
    void logThatComesAnewHasItsBoundAndOneNote() throws Exception {
        try (RunLog log = create(10, 50)) {
            log.copy(bytes("01234\n01234\n01234\n"));
        }
        List<String> before;
        try (RunLog log = RunLog.reopen(directory.resolve("log"), limits(50), clock)) {
            before = texts(log, LogQuery.ALL);
        }
        assertThat(before.getLast()).contains("6 bytes of this log were dropped");
        try (RunLog log = resume(50)) {
            log.copy(bytes("01234\n01234\n01234\n5\n"));
            log.end();
            assertThat(texts(log, LogQuery.ALL))
                    .containsExactly(
                            "01234|", "01234|", before.getLast().replace("6 bytes", "8 bytes"));
        }
    }

    private static LogLimits limits(long most) {
        return new LogLimits(ByteSize.of(10), ByteSize.of(most));
    }
}
