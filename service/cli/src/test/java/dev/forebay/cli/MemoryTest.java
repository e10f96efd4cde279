package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Transfers whose settings ask for more memory than their process has. */
@Timeout(300) // A reader that hangs for ever is what these tests are about.
final class MemoryTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static final int BLOCK = 10 << 20;
    private static final int BYTES = 15 * BLOCK + 1;

    @TempDir Path directory;

    private record Ended(int code, String err) {}

    /** Runs the program with the memory that is named as the launcher names it. */
    private Ended run(int heap, int direct, String... args) throws Exception {
        List<String> command = new ArrayList<>(ProcessTest.java());
        command.addAll(
                1,
                List.of(
                        "-Xmx" + heap + "m",
                        "-XX:MaxDirectMemorySize=" + direct + "m",
                        "-Dforebay.memory.direct=" + ((long) direct << 20),
                        "-Dforebay.memory.setting=FOREBAY_MEMORY"));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("FOREBAY_SERVER", CLI.url());
        Path err = Files.createTempFile(directory, "err", null);
        Process process = builder.redirectError(err.toFile()).start();
        process.getOutputStream().close();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(err));
    }

    private Path data() throws IOException {
        Path file = directory.resolve("data");
        byte[] bytes = CLI.run("buffer", "gen", String.valueOf(BYTES)).data();
        return Files.write(file, bytes);
    }

    /** In a buffer of 16 blocks of 10 MiB; written with enough memory. */
    private String written(Path data) {
        String id = CLI.create();
        CLI.run("buffer", "write", id, "-i", data.toString(), "-b", "10MiB", "-p", "2").text();
        return id;
    }

    private static void refusedWithNumbers(Ended ended, String needed) {
        assertThat(ended.err())
                .contains("Error: ", "not enough memory", needed, "raise FOREBAY_MEMORY")
                .doesNotContain("\tat ", "OutOfMemory");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void readerWithDefaultsOfLargeBlocksInLittleMemoryReadsAllOfThem() throws Exception {
        Path data = data();
        String id = written(data);
        Path out = directory.resolve("out");
        // 32 blocks at a time, as by default, would take 320 MiB.
        Ended ended = run(64, 48, "buffer", "read", id, "-o", out.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(Files.mismatch(data, out)).isEqualTo(-1);
    }

    @Test
    void writerWithLargeBlocksInLittleMemoryWritesAllOfThem() throws Exception {
        Path data = data();
        String id = CLI.create();
        Ended ended =
                run(
                        64,
                        48,
                        "buffer",
                        "write",
                        id,
                        "-i",
                        data.toString(),
                        "-b",
                        "10M",
                        "-p",
                        "1024");
        assertThat(ended.code()).as(ended.err()).isZero();
        Path out = directory.resolve("out");
        CLI.run("buffer", "read", id, "-p", "2", "-o", out.toString()).text();
        assertThat(Files.mismatch(data, out)).isEqualTo(-1);
    }

    @Test
    void writerWhoseBlockDoesNotFitIsRefusedBeforeItsFirstByte() throws Exception {
        String id = CLI.create();
        refusedWithNumbers(run(64, 48, "buffer", "write", id, "-b", "1GiB"), "1 GiB");
        CLI.runWith("Hello".getBytes(UTF_8), "buffer", "write", id).text();
    }

    @Test
    void readerThatMeetsBlockThatDoesNotFitIsRefusedWithNumbers() throws Exception {
        String id = written(data());
        Path out = directory.resolve("out");
        refusedWithNumbers(run(64, 8, "buffer", "read", id, "-o", out.toString()), "10 MiB");
        assertThat(out).isEmptyFile();
    }

    @Test
    void mostUploadsAtATimeInLittleMemoryIsSlowerAndNotWrong() throws Exception {
        Path data = directory.resolve("small");
        Files.write(data, CLI.run("buffer", "gen", "20M").data());
        String id = CLI.create();
        Ended ended =
                run(
                        64,
                        32,
                        "buffer",
                        "write",
                        id,
                        "-i",
                        data.toString(),
                        "-b",
                        "64K",
                        "-p",
                        "1024");
        assertThat(ended.code()).as(ended.err()).isZero();
        Path out = directory.resolve("out");
        Ended read = run(64, 32, "buffer", "read", id, "-p", "1024", "-o", out.toString());
        assertThat(read.code()).as(read.err()).isZero();
        assertThat(Files.mismatch(data, out)).isEqualTo(-1);
    }
}
