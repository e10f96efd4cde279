package dev.forebay.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.SmallBlob;
import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.testkit.ManualClock;
import dev.forebay.wire.data.BatchBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several blobs in one request, over real HTTP. */
class BatchEndpointTest {
    private static final String ID = "abcdefghijklmnopqrstuvwxyz";

    @TempDir Path directory;
    private ForebayServer server;
    private final ManualClock clock = new ManualClock();

    @BeforeEach
    void start() throws IOException {
        server =
                ForebayServer.start(
                        ServerConfig.of(directory.resolve("data"), 0)
                                .withGrace(Duration.ofSeconds(30)),
                        Disk.system(),
                        clock,
                        new ParkedRequests());
        server.containers().create(ID);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private String query(String letters) {
        return server.signer().query(ID, letters, clock.wall(), Duration.ofMinutes(30));
    }

    private static SmallBlob blob(String name, String body, Map<String, String> metadata) {
        ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(UTF_8));
        return new SmallBlob(new BlobName(name), List.of(bytes), Md5.of(bytes), metadata);
    }

    private static BatchBody.Blob part(String name, String body) {
        ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(UTF_8));
        return new BatchBody.Blob(name, Md5.of(bytes).base64(), Map.of(), List.of(bytes));
    }

    private static String body(BatchBody.Blob... blobs) {
        StringBuilder body = new StringBuilder();
        BatchBody.encode(List.of(blobs)).forEach(piece -> body.append(ISO_8859_1.decode(piece)));
        return body.toString();
    }

    private Wire.Answer post(String query, String headers, String body) throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            return wire.send(
                            "POST /containers/%s?%s HTTP/1.1\r\nHost: localhost\r\nx-ms-version: 2021-08-06\r\n%sContent-Length: %d\r\n\r\n%s"
                                    .formatted(ID, query, headers, body.length(), body))
                    .answer(true);
        }
    }

    private Wire.Answer post(BatchBody.Blob... blobs) throws IOException {
        return post(
                "comp=batch&" + query("cr"),
                "Content-Type: " + BatchBody.TYPE + "\r\n",
                body(blobs));
    }

    private Container stored() {
        return server.containers().open(ID).orElseThrow();
    }

    @Test
    void clientThatReadTheAnnouncementPutsTheRestInOneRequest() {
        AccessUrl url = new AccessUrl(server.uri() + "/containers/" + ID + "?" + query("cr"));
        try (HttpContainer container = new HttpContainer(AccessUrlSource.fixed(url))) {
            assertThat(container.mostAtOnce()).isOne();
            SmallBlob first = blob("00/000", "first", Map.of());
            assertThat(container.put(first.name(), first.body(), first.md5(), first.metadata()))
                    .isInstanceOf(PutResult.Created.class);
            assertThat(container.mostAtOnce()).isEqualTo(SmallBlob.MOST);
            List<PutResult> results =
                    container.putAll(
                            List.of(
                                    first,
                                    blob("00/001", "", Map.of()),
                                    blob("00/002", "third", Map.of("a", "b"))));
            assertThat(results.getFirst()).isEqualTo(new PutResult.Exists(Durability.SYNCED));
            assertThat(results.subList(1, 3))
                    .isEqualTo(List.of(created("00/001"), created("00/002")));
        }
    }

    private PutResult created(String name) {
        return new PutResult.Created(
                stored().head(new BlobName(name)).orElseThrow(), Durability.SYNCED);
    }

    @Test
    void answerHasALineForEachBlob() throws IOException {
        assertThat(post(part("a", "1")).text()).isEqualTo("created\n");
        BatchBody.Blob wrong =
                new BatchBody.Blob(
                        "b",
                        Md5.OF_NOTHING.base64(),
                        Map.of(),
                        List.of(ByteBuffer.wrap(new byte[1])));
        Wire.Answer answer = post(part("a", "2"), wrong, part("c", "3"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("exists\ndigest-mismatch\ncreated\n");
        assertThat(answer.header("Forebay-Durability")).isEqualTo("synced");
        assertThat(answer.header("Content-Type")).startsWith("text/plain");
    }
}
