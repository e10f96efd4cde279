package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.blob.BlobName;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Wait;
import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.blobhttp.HttpContainer;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What only a process of its own can show: signals, pipes and exit codes. */
@EnabledOnOs(OS.LINUX)
final class ProcessTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static Process start(String... args) throws IOException {
        // Who runs this in the background ignores SIGINT, and so would the child.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.forebay.cli.Forebay"));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("FOREBAY_SERVER", CLI.url());
        return builder.start();
    }

    private static String err(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), UTF_8);
    }

    /** Blocks until the blob is there. */
    private static void await(String id, BlobName name) {
        AccessUrl url = new AccessUrl(CLI.run("buffer", "access", id).text());
        try (HttpContainer container = new HttpContainer(AccessUrlSource.fixed(url))) {
            Lookup found;
            do {
                found =
                        container.get(
                                name, Wait.upTo(Duration.ofSeconds(20), new BlobName("none")));
            } while (found instanceof Lookup.Absent);
            ((Lookup.Found) found).blob().close();
        }
    }

    @Test
    void anInterruptedWriteEndsWith130AndItsReaderIsTold() throws Exception {
        String id = CLI.create();
        Process writer = start("buffer", "write", id, "-f", "10ms");
        try (OutputStream to = writer.getOutputStream()) {
            to.write("the beginning".getBytes(UTF_8));
            to.flush();
            await(id, new BlobName("00/000"));
            new ProcessBuilder("kill", "-INT", String.valueOf(writer.pid())).start().waitFor();
            assertThat(writer.waitFor()).isEqualTo(Failures.INTERRUPTED);
        }
        assertThat(err(writer)).startsWith("Warning: interrupted; the buffer is marked failed\n");
        CLI.run("buffer", "read", id).failedWith(1, "permanently failed state");
    }

    @Test
    void anInterruptedReadEndsWith130() throws Exception {
        String id = CLI.create();
        Process writer = start("buffer", "write", id, "-f", "10ms");
        Process reader = start("buffer", "read", id);
        try (OutputStream to = writer.getOutputStream()) {
            to.write('x');
            to.flush();
            assertThat(reader.getInputStream().read()).isEqualTo('x');
            new ProcessBuilder("kill", "-INT", String.valueOf(reader.pid())).start().waitFor();
            assertThat(reader.waitFor()).isEqualTo(Failures.INTERRUPTED);
        }
        assertThat(writer.waitFor()).isZero();
    }

    @Test
    void aReaderWhoseConsumerWentAwayEndsWithoutAWord() throws Exception {
        String id = CLI.create();
        byte[] large = CLI.run("buffer", "gen", "8MiB").data();
        CLI.runWith(large, "buffer", "write", id).text();
        Process reader = start("buffer", "read", id);
        reader.getOutputStream().close();
        assertThat(reader.getInputStream().read()).isEqualTo(':');
        reader.getInputStream().close();
        assertThat(err(reader)).isEmpty();
        assertThat(reader.waitFor()).isEqualTo(Failures.FAILED);
    }

    @Test
    void anOutputThatIsFullIsAnError() throws Exception {
        Process generator =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                "exec \"$0\" \"$@\" > /dev/full",
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.forebay.cli.Forebay",
                                "buffer",
                                "gen",
                                "1")
                        .start();
        assertThat(err(generator)).startsWith("Error: ");
        assertThat(generator.waitFor()).isEqualTo(Failures.FAILED);
    }
}
