package dev.forebay.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import dev.forebay.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogArchiveTest {
    private static final int LONG = 700_000;

    @TempDir private Path directory;
    private final ManualClock clock = new ManualClock();
    private DirectoryContainers containers;
    private LogArchive archive;

    @BeforeEach
    void open() throws IOException {
        containers =
                DirectoryContainers.open(
                        Disk.system(), Clock.system(), directory.resolve("containers"));
        containers.create("logs");
        Container container = containers.open("logs").orElseThrow();
        archive = new LogArchive(container);
    }

    @AfterEach
    void close() {
        containers.close();
    }

    private record Line(Instant at, String text, boolean whole) {}

    private static List<Line> lines(LogReader reader) throws InterruptedException {
        List<Line> lines = new ArrayList<>();
        try (reader) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                String text = new String(line.text(), StandardCharsets.UTF_8);
                lines.add(new Line(line.at(), text, line.whole()));
            }
        }
        return lines;
    }

    /** Lines of three pieces, a second apart, one that is empty, and an end without a line feed. */
    private RunLog log() throws IOException {
        RunLog log =
                RunLog.create(
                        directory.resolve("log"),
                        new LogLimits(ByteSize.of(LONG), ByteSize.ofMiB(16)),
                        clock);
        for (int i = 0; i < 5; i++) {
            String text = i == 2 ? "\n" : "%d".formatted(i).repeat(LONG - i) + "\nshort\n";
            copy(log, text);
        }
        copy(log, "no line feed");
        log.end();
        return log;
    }

    private void copy(RunLog log, String text) throws IOException {
        clock.advance(Duration.ofSeconds(1));
        log.copy(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatIsReadIsWhatWasStored() throws Exception {
        try (RunLog log = log()) {
            List<Line> stored = lines(log.read(LogQuery.ALL));
            assertThat(archive.has(1)).isFalse();
            archive.store(1, log.read(LogQuery.ALL));
            assertThat(archive.has(1)).isTrue();
            assertThat(lines(archive.open(1, LogQuery.ALL).orElseThrow())).isEqualTo(stored);
            assertThat(lines(archive.open(1, LogQuery.ALL.following()).orElseThrow()))
                    .isEqualTo(stored);
            assertThat(archive.open(2, LogQuery.ALL)).isEmpty();
        }
    }

    @Test
    void lastLinesAndLinesAfterATimeAreTheSameAsOfTheLogItself() throws Exception {
        try (RunLog log = log()) {
            archive.store(1, log.read(LogQuery.ALL));
            List<Line> all = lines(log.read(LogQuery.ALL));
            for (int tail = 0; tail <= all.size() + 1; tail++) {
                LogQuery last = new LogQuery(Optional.empty(), OptionalLong.of(tail), false);
                assertThat(lines(archive.open(1, last).orElseThrow()))
                        .as("the last %d", tail)
                        .isEqualTo(lines(log.read(last)));
            }
            for (Line line : all) {
                LogQuery since = new LogQuery(Optional.of(line.at()), OptionalLong.of(6), false);
                assertThat(lines(archive.open(1, since).orElseThrow()))
                        .as("after %s", line.at())
                        .isEqualTo(lines(log.read(since)));
            }
        }
    }

    @Test
    void firstOfTwoLogsCountsAndAnEmptyOneIsThere() throws Exception {
        try (RunLog log = log()) {
            LogQuery none = new LogQuery(Optional.empty(), OptionalLong.of(0), false);
            archive.store(1, log.read(none));
            archive.store(1, log.read(LogQuery.ALL));
            assertThat(lines(archive.open(1, LogQuery.ALL).orElseThrow())).isEmpty();
        }
    }

    /** A server was killed before it stored the last piece and the index. */
    @Test
    void attemptThatWasCutShortLeavesNothingBehindTheNext() throws Exception {
        try (RunLog log = log()) {
            archive.store(1, log.read(LogQuery.ALL));
            List<Path> stored = files();
            Files.delete(directory.resolve("containers/logs/1/index="));
            assertThat(archive.has(1)).isFalse();
            archive.store(1, log.read(LogQuery.ALL));
            assertThat(files()).isEqualTo(stored);
            assertThat(lines(archive.open(1, LogQuery.ALL).orElseThrow()))
                    .isEqualTo(lines(log.read(LogQuery.ALL)));
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("containers/logs"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    void logOfAnEarlierVersionIsRead() throws Exception {
        try (RunLog log = log()) {
            archive.store(1, log.read(LogQuery.ALL));
            Container container = containers.open("logs").orElseThrow();
            StringBuilder index = new StringBuilder("abc\n");
            for (Path file : files()) {
                String[] name = name(file).split("-", 2);
                if (name.length > 1) {
                    byte[] body = bytesOf(container, "1/" + name(file));
                    put(container, "2/abc/" + name[0], body);
                }
            }
            String current = new String(bytesOf(container, "1/index"), StandardCharsets.UTF_8);
            current.lines()
                    .skip(1)
                    .forEach(line -> index.append(line.split(" ", 2)[0]).append('\n'));
            put(container, "2/index", index.toString().getBytes(StandardCharsets.UTF_8));
            assertThat(lines(archive.open(2, LogQuery.ALL).orElseThrow()))
                    .isEqualTo(lines(log.read(LogQuery.ALL)));
        }
    }

    /** Files of blobs end with an equals sign. */
    private static String name(Path file) {
        return String.valueOf(file.getFileName()).replace("=", "");
    }

    private static void put(Container container, String name, byte[] body) {
        ByteBuffer bytes = ByteBuffer.wrap(body);
        container.put(new BlobName(name), bytes, Md5.of(bytes.duplicate()), Map.of());
    }

    private static byte[] bytesOf(Container container, String name) {
        try (OpenBlob blob = ((Lookup.Found) container.get(new BlobName(name), Wait.NONE)).blob()) {
            ByteBuffer bytes = ByteBuffer.allocate((int) blob.info().size());
            blob.readInto(bytes);
            return bytes.array();
        }
    }

    @Test
    void restThatCannotBeReadIsSaidInTheLastLine() throws Exception {
        List<LogLine> first = new ArrayList<>();
        first.add(new LogLine(Instant.EPOCH, new byte[] {'a'}, true));
        LogReader broken =
                new LogReader() {
                    @Override
                    public LogLine next() {
                        if (first.isEmpty()) {
                            throw new RunLogException("the disk is full");
                        }
                        return first.removeFirst();
                    }

                    @Override
                    public void close() {}
                };
        archive.store(1, broken);
        assertThat(lines(archive.open(1, LogQuery.ALL).orElseThrow()))
                .extracting(Line::text)
                .containsExactly("a", "forebay: the rest of this log is lost: the disk is full");
    }

    @Test
    void damagedPieceIsRefusedBeforeItsFirstLine() throws Exception {
        try (RunLog log = log()) {
            archive.store(1, log.read(LogQuery.ALL));
        }
        Path piece;
        try (Stream<Path> files = Files.walk(directory.resolve("containers"))) {
            piece =
                    files.filter(Files::isRegularFile)
                            .filter(file -> file.toFile().length() > LONG)
                            .findAny()
                            .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(piece);
        bytes[bytes.length / 2] ^= 1;
        Files.write(piece, bytes, StandardOpenOption.TRUNCATE_EXISTING);
        assertThatThrownBy(() -> lines(archive.open(1, LogQuery.ALL).orElseThrow()))
                .isInstanceOf(RunLogException.class)
                .hasMessageContaining("damaged");
    }
}
