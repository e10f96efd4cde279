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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Transfers that take longer than the access they began with. */
final class RenewalTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final String id = CLI.create();
    private final Pipe input;
    private final Gate gate;

    RenewalTest() throws IOException {
        input = Pipe.open();
        gate = new Gate(CLI.url());
    }

    @AfterEach
    void close() throws IOException {
        input.sink().close();
        threads.close();
        gate.close();
    }

    private Future<Cli.Outcome> write(String buffer) {
        return threads.submit(() ->
                CLI.runWith(
                        input.source(),
                        false,
                        "buffer",
                        "write",
                        buffer,
                        "-f",
                        "10ms",
                        "--server",
                        gate.url()));
    }

    private void put(String text) throws IOException {
        input.sink().write(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    private String url() {
        return CLI.run("buffer", "access", "-w", id, "--server", gate.url()).text();
    }

    /** Blocks until the first block is there, then ends all access. */
    private void endAccessAfterTheFirstBlock() {
        AccessUrl past = new AccessUrl(CLI.run("buffer", "access", id).text());
        Wait wait = Wait.upTo(Duration.ofSeconds(20), new BlobName("none"));
        try (HttpContainer container = new HttpContainer(AccessUrlSource.fixed(past))) {
            Lookup found = container.get(new BlobName("00/000"), wait);
            while (!(found instanceof Lookup.Found(var blob))) {
                found = container.get(new BlobName("00/000"), wait);
            }
            blob.close();
        }
        gate.endAll();
    }

    @Test
    void byIdAWriteAndAReadOutliveTheirUrls() throws Exception {
        Future<Cli.Outcome> writing = write(id);
        Future<Cli.Outcome> reading =
                threads.submit(() -> CLI.run("buffer", "read", id, "--server", gate.url()));
        put("one,");
        endAccessAfterTheFirstBlock();
        put("two");
        input.sink().close();
        writing.get().text();
        assertThat(new String(reading.get().data(), UTF_8)).isEqualTo("one,two");
    }

    @Test
    void byFileAWriteTakesTheUrlThatIsThereByThen(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("url"), url());
        Future<Cli.Outcome> writing = write(file.toString());
        put("one,");
        endAccessAfterTheFirstBlock();
        Files.writeString(file, url());
        put("two");
        input.sink().close();
        writing.get().text();
        assertThat(CLI.run("buffer", "read", id).data()).isEqualTo("one,two".getBytes(UTF_8));
    }

    @Test
    void byUrlAWriteEndsWithItsUrlAndSaysSo() throws Exception {
        Future<Cli.Outcome> writing = write(url());
        put("one,");
        endAccessAfterTheFirstBlock();
        put("two");
        failedUnmarked(writing.get(), "it is expired or wrong; get a new one from the server");
    }

    /** Failed, and said that no marker could be written by an access that is no longer valid. */
    private static void failedUnmarked(Cli.Outcome outcome, String... words) {
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .startsWith("Warning: the buffer could not be marked failed")
                .contains(words);
    }

    private static void sweep() throws Exception {
        URI sweep = URI.create(CLI.url() + "/runs/_sweep?api-version=1.0");
        HttpRequest request = HttpRequest.newBuilder(sweep).POST(BodyPublishers.noBody()).build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anAccessThatIsGoneMeanwhileEndsTheWriteWithAReason() throws Exception {
        Future<Cli.Outcome> writing = write(id);
        put("one,");
        endAccessAfterTheFirstBlock();
        CLI.run("buffer", "delete", id).text();
        CLI.run("buffer", "purge", id).text();
        sweep();
        put("two");
        failedUnmarked(writing.get(), "asking for access again failed", "was not found");
    }

    @Test
    void theLifetimeOfAccessIsAskedForAndItsLimitsAreSaid() {
        CLI.run("buffer", "access", id, "--access-ttl", "0.00:01").text();
        CLI.run("buffer", "access", id, "--access-ttl", "7").failedWith(1, "Access TTL must be");
        CLI.run("buffer", "write", id, "--access-ttl", "7").failedWith(1, "Access TTL must be");
        CLI.run("buffer", "write", id, "--access-ttl", "0.00:01").text();
        assertThat(CLI.run("buffer", "read", id, "--access-ttl", "0.00:01").data()).isEmpty();
    }
}
