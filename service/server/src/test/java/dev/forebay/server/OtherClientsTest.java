package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Md5;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.HashChain;
import dev.forebay.stream.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that know nothing of us, as docs/other-clients.md shows them. One that is not installed
 * has its test skipped, unless {@code FOREBAY_REQUIRE_CLIENTS} is set, as it is in CI.
 */
class OtherClientsTest {
    private static final String ID = "abcdefghijklmnopqrstuvwxyz";
    private static final Path PAGE = Path.of("../../docs/other-clients.md");

    @TempDir Path folder;
    private ForebayServer server;
    private Container container;
    private final byte[] bytes = new byte[3_500_000];

    @BeforeEach
    void start() throws IOException {
        new Random(13).nextBytes(bytes);
        server = ForebayServer.start(ServerConfig.of(folder.resolve("data"), 0));
        server.containers().create(ID);
        container = server.containers().open(ID).orElseThrow();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void write() {
        new BufferWriter(
                        container,
                        WriteOptions.defaults()
                                .withBlockSize(ByteSize.ofMiB(1))
                                .withFlushInterval(Duration.ZERO))
                .write(Channels.newChannel(new ByteArrayInputStream(bytes)));
    }

    private String url(String letters) {
        return "%s/containers/%s?%s"
                .formatted(
                        server.uri(),
                        ID,
                        server.signer().query(ID, letters, Instant.now(), Duration.ofHours(1)));
    }

    private String run(String... command) throws Exception {
        return OutsideProgram.run(
                folder,
                Map.of("URL", url("r"), "WRITE_URL", url("cr"), "ID", ID),
                List.of(command));
    }

    /** The example with this number below the heading. */
    private static String example(String heading, int number) throws IOException {
        String page = Files.readString(PAGE);
        int at = page.indexOf("\n## " + heading + "\n");
        for (int i = 0; i <= number; i++) {
            at = page.indexOf("\n```", at + 1);
            at = i < number ? page.indexOf("\n```", at + 1) : page.indexOf('\n', at + 1) + 1;
        }
        return page.substring(at, page.indexOf("```", at));
    }

    private void runExample(String heading, int number) throws Exception {
        run("bash", "-euo", "pipefail", "-c", example(heading, number));
    }

    private byte[] file(String name) throws IOException {
        return Files.readAllBytes(folder.resolve(name));
    }

    private void leaveHalf() throws IOException {
        Files.write(folder.resolve("signal.bin"), Arrays.copyOf(bytes, 1_234_567));
    }

    @Test
    void curlReadsPartsAndGoesOn() throws Exception {
        OutsideProgram.need("curl", "curl", "--version");
        write();
        leaveHalf();
        runExample("curl", 0);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
        assertThat(Files.readString(folder.resolve("sum")))
                .startsWith(HexFormat.of().formatHex(digest));
        assertThat(Files.readString(folder.resolve("head"))).contains("Content-Length: 3500000");
        assertThat(file("part.bin")).isEqualTo(Arrays.copyOfRange(bytes, 1000, 2000));
        assertThat(file("signal.bin")).isEqualTo(bytes);
    }

    @Test
    void curlFollowsABufferThatIsBeingWritten() throws Exception {
        OutsideProgram.need("curl", "curl", "--version");
        Thread writer = Thread.startVirtualThread(this::write);
        runExample("curl", 1);
        writer.join();
        assertThat(file("followed.bin")).isEqualTo(bytes);
    }

    @Test
    void curlFailsWhenTheWriterGivesUp() throws Exception {
        OutsideProgram.need("curl", "curl", "--version");
        String script =
                """
                mkfifo pipe; exec 3<>pipe
                curl -sS -N -H 'Prefer: wait' "${URL/\\?//content?}" > pipe & follower=$!
                head -c 5 pipe > first
                curl -fsS -X PUT --data-binary '{"status":"failed"}' "${WRITE_URL/\\?//.bufferend?}"
                code=0; wait $follower || code=$?; echo "exit $code"
                """;
        put(".bufferstart", "{\"version\":\"0.3.0\"}", Map.of());
        put("00/000", "Hello", chainOf("Hello"));
        assertThat(run("bash", "-euc", script)).contains("exit 18");
        assertThat(file("first")).isEqualTo("Hello".getBytes(UTF_8));
    }

    private static Map<String, String> chainOf(String first) {
        ByteBuffer body = ByteBuffer.wrap(first.getBytes(UTF_8));
        return Map.of(HashChain.METADATA_KEY, HashChain.next(HashChain.START, Md5.of(body)));
    }

    private void put(String name, String body, Map<String, String> metadata) {
        container.put(new BlobName(name), ByteBuffer.wrap(body.getBytes(UTF_8)), null, metadata);
    }

    @Test
    void wgetGoesOn() throws Exception {
        OutsideProgram.need("wget", "wget", "--version");
        write();
        leaveHalf();
        runExample("wget", 0);
        assertThat(file("signal.bin")).isEqualTo(bytes);
    }

    private static void needAzure() throws Exception {
        OutsideProgram.need(
                "azure-storage-blob for Python", "python3", "-c", "import azure.storage.blob");
    }

    @Test
    void azureClientListsReadsAndCreates() throws Exception {
        needAzure();
        write();
        assertThat(run("python3", "-c", example("azure-storage-blob", 0)))
                .isEqualTo(
                        """
                        True ['.bufferend', '.bufferstart', '00/000', '00/001', '00/002', '00/003', '00/004']
                        True 1048576
                        1048576 True
                        """);
        assertThat(container.head(new BlobName("note.txt")).orElseThrow().size()).isEqualTo(4);
    }

    @Test
    void azureClientIsToldWhatCannotWork() throws Exception {
        needAzure();
        write();
        Path script = Path.of(OtherClientsTest.class.getResource("/azure_refusals.py").toURI());
        assertThat(run("python3", script.toString()))
                .isEqualTo(
                        """
                        exists 403 UnauthorizedBlobOverwrite
                        overwrite 403 UnauthorizedBlobOverwrite
                        delete 403 AuthorizationPermissionMismatch
                        parts 400 UnsupportedQueryParameter
                        append 400 UnsupportedQueryParameter
                        tags 400 UnsupportedQueryParameter
                        copy 400 UnsupportedHeader
                        content 400 InvalidBlobName
                        missing 404 BlobNotFound
                        []
                        """);
    }

    @Test
    void rcloneListsCopiesAndChecks() throws Exception {
        OutsideProgram.need("rclone", "rclone", "version");
        write();
        runExample("rclone", 0);
        assertThat(Files.readAllLines(folder.resolve("names")))
                .containsExactlyInAnyOrder(
                        ".bufferend",
                        ".bufferstart",
                        "00/",
                        "00/000",
                        "00/001",
                        "00/002",
                        "00/003",
                        "00/004");
        assertThat(file("copied/00/001")).isEqualTo(Arrays.copyOfRange(bytes, 1 << 20, 2 << 20));
    }
}
