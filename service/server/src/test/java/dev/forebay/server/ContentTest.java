package dev.forebay.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Md5;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.HashChain;
import dev.forebay.stream.WriteOptions;
import dev.forebay.stream.WriteResult;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stream of a buffer as one body, and parts of blobs. */
class ContentTest {
    private static final String ID = "abcdefghijklmnopqrstuvwxyz";
    private static final int BLOCK = 1000;

    @TempDir Path directory;
    private ForebayServer server;
    private Container container;
    private final byte[] bytes = new byte[5300];
    private String chain = HashChain.START;
    private int next;

    @BeforeEach
    void start() throws IOException {
        new Random(3).nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ('a' + (bytes[i] & 15)); // So that answers can be read as text.
        }
        server =
                ForebayServer.start(
                        ServerConfig.of(directory.resolve("data"), 0)
                                .withGrace(Duration.ofSeconds(30)));
        server.containers().create(ID);
        container = server.containers().open(ID).orElseThrow();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, ISO_8859_1);
    }

    private WriteResult write() {
        return new BufferWriter(
                        container,
                        WriteOptions.defaults()
                                .withBlockSize(ByteSize.of(BLOCK))
                                .withFlushInterval(Duration.ZERO))
                .write(Channels.newChannel(new ByteArrayInputStream(bytes)));
    }

    /** Puts the next block as a writer does that closes blocks by time. */
    private void putBlock(String body) {
        ByteBuffer block = ByteBuffer.wrap(body.getBytes(ISO_8859_1));
        chain = HashChain.next(chain, Md5.of(block));
        container.put(
                new BlobName("00/%03X".formatted(next++)),
                block,
                null,
                Map.of(HashChain.METADATA_KEY, chain));
    }

    private void putMarker(String name, String body) {
        container.put(new BlobName(name), ByteBuffer.wrap(body.getBytes(UTF_8)), null, Map.of());
    }

    private String target(String path) {
        String query = server.signer().query(ID, "r", Instant.now(), Duration.ofMinutes(30));
        return "/containers/" + ID + path + "?" + query;
    }

    private String request(String method, String path, String... headers) {
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return "%s %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n".formatted(method, target(path), more);
    }

    private Wire.Answer ask(String method, String path, String... headers) throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            boolean hasBody = !method.equals("HEAD");
            return wire.send(request(method, path, headers)).answer(hasBody);
        }
    }

    private static void assertRefused(Wire.Answer answer, int status, String code) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("x-ms-error-code")).isEqualTo(code);
    }

    @Test
    void completeBufferIsOneBodyWithItsLengthAndATagOfItsChain() throws IOException {
        WriteResult written = write();
        Wire.Answer whole = ask("GET", "/content");
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.text()).isEqualTo(text(0, 5300));
        Wire.Answer head = ask("HEAD", "/content", "Range: bytes=1-2");
        assertThat(head.status()).isEqualTo(200);
        for (Wire.Answer each : new Wire.Answer[] {whole, head}) {
            assertThat(each.header("Content-Length")).isEqualTo("5300");
            assertThat(each.header("ETag")).isEqualTo("\"" + written.hashChain() + "\"");
            assertThat(each.header("Accept-Ranges")).isEqualTo("bytes");
            assertThat(each.header("Content-Type")).isEqualTo("application/octet-stream");
            assertThat(each.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(each.header("Content-Security-Policy")).isEqualTo("sandbox");
            assertThat(each.header("Content-Disposition")).startsWith("attachment");
        }
    }

    private void assertPart(Wire.Answer answer, int from, int to) {
        assertThat(answer.status()).isEqualTo(206);
        assertThat(answer.header("Content-Range"))
                .isEqualTo("bytes %d-%d/5300".formatted(from, to - 1));
        assertThat(answer.text()).isEqualTo(text(from, to));
    }

    @Test
    void partsOfTheContentAreServedOnTheConditionsOfTheirRequests() throws IOException {
        write();
        assertPart(ask("GET", "/content", "Range: bytes=0-0"), 0, 1);
        assertPart(ask("GET", "/content", "Range: bytes=999-1000"), 999, 1001);
        assertPart(ask("GET", "/content", "Range: bytes=4000-"), 4000, 5300);
        assertPart(ask("GET", "/content", "Range: bytes=5299-9999"), 5299, 5300);
        assertPart(ask("GET", "/content", "Range: bytes=-17"), 5283, 5300);
        assertPart(ask("GET", "/content", "x-ms-range: bytes=7-9", "Range: bytes=1-2"), 7, 10);
        Wire.Answer beyond = ask("GET", "/content", "Range: bytes=5300-");
        assertRefused(beyond, 416, "InvalidRange");
        assertThat(beyond.header("Content-Range")).isEqualTo("bytes */5300");
        assertThat(ask("GET", "/content", "Range: bytes=9-2").status()).isEqualTo(200);
        assertThat(ask("GET", "/content", "Range: lines=1-2").status()).isEqualTo(200);
        assertThat(ask("GET", "/content", "Range: bytes=1-2,5-6").status()).isEqualTo(200);
        Wire.Answer head = ask("HEAD", "/content");
        String tag = head.header("ETag");
        String date = head.header("Last-Modified");
        assertPart(ask("GET", "/content", "Range: bytes=1-2", "If-Range: " + tag), 1, 3);
        assertPart(ask("GET", "/content", "Range: bytes=1-2", "If-Range: " + date), 1, 3);
        for (String other :
                new String[] {"\"another\"", "W/" + tag, "Sun, 06 Nov 1994 08:49:37 GMT", "x"}) {
            Wire.Answer whole = ask("GET", "/content", "Range: bytes=1-2", "If-Range: " + other);
            assertThat(whole.status()).as(other).isEqualTo(200);
            assertThat(whole.text()).as(other).isEqualTo(text(0, 5300));
        }
        assertThat(ask("GET", "/content", "If-None-Match: " + tag).status()).isEqualTo(304);
        assertThat(ask("GET", "/content", "If-None-Match: \"x\"").status()).isEqualTo(200);
        assertThat(ask("GET", "/content", "If-Match: " + tag).status()).isEqualTo(200);
        assertRefused(ask("GET", "/content", "If-Match: \"x\""), 412, "ConditionNotMet");
    }

    @Test
    void partsOfBlobsAreServed() throws IOException {
        write();
        Wire.Answer part = ask("GET", "/00/001", "Range: bytes=10-19");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.text()).isEqualTo(text(1010, 1020));
        assertThat(part.header("Content-Range")).isEqualTo("bytes 10-19/1000");
        assertThat(part.header("Content-MD5")).isEmpty();
        Wire.Answer whole = ask("GET", "/00/001");
        assertThat(whole.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(whole.header("Content-Security-Policy")).isEqualTo("sandbox");
        assertThat(whole.header("Content-Type")).isEqualTo("application/octet-stream");
        assertThat(part.header("x-ms-blob-content-md5")).isEqualTo(whole.header("Content-MD5"));
        assertRefused(ask("GET", "/00/001", "Range: bytes=1000-"), 416, "InvalidRange");
        String other = "If-Range: \"another\"";
        assertThat(ask("GET", "/00/001", "Range: bytes=1-2", other).text())
                .isEqualTo(text(1000, 2000));
    }

    @Test
    void partOfBlocksOfAnySizeIsServed() throws IOException {
        putMarker(".bufferstart", "{\"version\":\"0.3.0\"}");
        for (int[] part : new int[][] {{0, 1}, {1, 2000}, {2000, 2001}, {2001, 5300}, {0, 0}}) {
            putBlock(text(part[0], part[1]));
        }
        putMarker(".bufferend", "{\"status\":\"complete\"}");
        assertThat(ask("GET", "/content").text()).isEqualTo(text(0, 5300));
        assertThat(ask("GET", "/content").header("ETag")).isEqualTo("\"" + chain + "\"");
        assertPart(ask("GET", "/content", "Range: bytes=1999-2001"), 1999, 2002);
        assertPart(ask("GET", "/content", "Range: bytes=-1"), 5299, 5300);
    }

    @Test
    void bufferThatIsNotCompleteIsRefusedUnlessItIsFollowed() throws IOException {
        try (Wire wire = new Wire(server.uri())) { // An answer that follows would not end.
            wire.send(request("GET", "/content"));
            assertThat(wire.until("\r\n")).startsWith("HTTP/1.1 409");
        }
        assertRefused(ask("GET", "/content"), 409, "BufferIncomplete");
        putMarker(".bufferstart", "{\"version\":\"0.3.0\"}");
        putBlock("Hello");
        Wire.Answer open = ask("GET", "/content");
        assertRefused(open, 409, "BufferIncomplete");
        assertThat(open.text()).contains("Prefer: wait").doesNotContain("Hello");
        assertThat(ask("HEAD", "/content", "Prefer: wait").status()).isEqualTo(409);
        putMarker(".bufferend", "{\"status\":\"failed\"}");
        assertRefused(ask("GET", "/content"), 409, "BufferFailed");
        assertRefused(ask("GET", "/content", "Prefer: wait"), 409, "BufferFailed");
    }

    @Test
    void followedBufferComesBlockByBlockAndEndsWhenItIsComplete() throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            wire.send(request("GET", "/content", "Prefer: wait"));
            String head = wire.until("\r\n\r\n");
            assertThat(head)
                    .startsWith("HTTP/1.1 200")
                    .contains("Preference-Applied: wait", "Content-Disposition: attachment");
            putMarker(".bufferstart", "{\"version\":\"0.3.0\"}");
            putBlock("Hello");
            wire.until("Hello"); // Before there is more.
            putBlock(" you");
            wire.until(" you");
            putBlock("");
            assertThat(wire.until("0\r\n\r\n")).isEqualTo("\r\n0\r\n\r\n");
        }
    }

    @Test
    void bufferThatFailsWhileItIsFollowedIsABrokenTransfer() throws IOException {
        putMarker(".bufferstart", "{\"version\":\"0.3.0\"}");
        putBlock("Hello");
        try (Wire wire = new Wire(server.uri())) {
            wire.send(request("GET", "/content", "Prefer: wait", "Connection: close"));
            assertThat(wire.until("Hello")).contains("Transfer-Encoding: chunked");
            putMarker(".bufferend", "{\"status\":\"failed\"}");
            assertThat(wire.rest()).doesNotContain("0\r\n\r\n");
        }
    }

    @Test
    void bufferIsNotFollowedWhereABrokenTransferWouldLookWhole() throws IOException {
        putMarker(".bufferstart", "{\"version\":\"0.3.0\"}");
        try (Wire wire = new Wire(server.uri())) {
            String old = request("GET", "/content", "Prefer: wait").replace("HTTP/1.1", "HTTP/1.0");
            assertRefused(wire.send(old).answer(true), 505, "UnsupportedHttpVersion");
        }
    }

    @Test
    void stoppingServerBreaksTheTransferThatFollows() throws IOException {
        putMarker(".bufferstart", "{\"version\":\"0.3.0\"}");
        putBlock("Hello");
        try (Wire wire = new Wire(server.uri())) {
            wire.send(request("GET", "/content", "Prefer: wait", "Connection: close"))
                    .until("Hello");
            server.close();
            assertThat(wire.rest()).doesNotContain("0\r\n\r\n");
        }
    }

    /** Changes a byte of the block, in a file that may hold others too. */
    private void damage(int block) throws IOException {
        Path file = directory.resolve("data/containers/" + ID + "/00/00" + block + "=");
        byte[] stored = Files.readAllBytes(file);
        String body = text(block * BLOCK, (block + 1) * BLOCK);
        int at = new String(stored, ISO_8859_1).indexOf(body) + BLOCK / 2;
        assertThat(at).isGreaterThanOrEqualTo(BLOCK / 2);
        stored[at] ^= 1;
        Files.write(file, stored);
    }

    @Test
    void damagedBlockReleasesNothingAndEndsTheTransferShort() throws IOException {
        write();
        damage(3);
        try (Wire wire = new Wire(server.uri())) {
            String answer = wire.send(request("GET", "/content", "Connection: close")).rest();
            assertThat(answer).contains("Content-Length: 5300");
            String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
            assertThat(body.length()).isLessThanOrEqualTo(3000);
            assertThat(text(0, 3000)).startsWith(body);
        }
        assertRefused(ask("GET", "/content", "Range: bytes=3999-3999"), 409, "BlobDamaged");
        assertPart(ask("GET", "/content", "Range: bytes=4000-4009"), 4000, 4010);
    }

    @Test
    void contentOfNothingIsThereAndHasNoPart() throws IOException {
        new BufferWriter(container, WriteOptions.defaults())
                .write(Channels.newChannel(new ByteArrayInputStream(new byte[0])));
        Wire.Answer whole = ask("GET", "/content");
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.header("Content-Length")).isEqualTo("0");
        assertRefused(ask("GET", "/content", "Range: bytes=0-"), 416, "InvalidRange");
    }

    @Test
    void contentNeedsTheRightToReadThisBuffer() throws IOException {
        write();
        String foreign = server.signer().query("other", "r", Instant.now(), Duration.ofHours(1));
        String createOnly = server.signer().query(ID, "c", Instant.now(), Duration.ofHours(1));
        for (String[] bad :
                new String[][] {
                    {foreign, "AuthenticationFailed"},
                    {"api-version=1.0", "AuthenticationFailed"},
                    {createOnly, "AuthorizationPermissionMismatch"}
                }) {
            for (String path : new String[] {"/content", ""}) {
                try (Wire wire = new Wire(server.uri())) {
                    Wire.Answer answer =
                            wire.send(
                                            "GET /containers/%s%s?restype=container&comp=list&%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                                    .formatted(ID, path, bad[0]))
                                    .answer(true);
                    assertRefused(answer, 403, bad[1]);
                }
            }
        }
    }

    private Wire.Answer askAsOtherStore(String method, String path, String more, String body)
            throws IOException {
        String query =
                server.signer()
                        .query(ID, "cr", Instant.now(), Duration.ofMinutes(30))
                        .replace("api-version=1.0&", "");
        try (Wire wire = new Wire(server.uri())) {
            String length = body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n";
            return wire.send(
                            "%s /containers/%s%s?%s%s HTTP/1.1\r\nHost: localhost\r\nx-ms-version: 2025-11-05\r\nx-ms-blob-type: BlockBlob\r\n%s\r\n%s"
                                    .formatted(method, ID, path, query, more, length, body))
                    .answer(!method.equals("HEAD"));
        }
    }

    @Test
    void signedUrlWithTheVersionOfAnotherStoreIsTaken() throws IOException {
        write();
        assertThat(askAsOtherStore("GET", "/00/000", "", "").text()).isEqualTo(text(0, BLOCK));
        assertRefused(askAsOtherStore("GET", "/00/000", "x", ""), 403, "AuthenticationFailed");
        try (Wire wire = new Wire(server.uri())) {
            wire.send("GET /containers/" + ID + "/00/000 HTTP/1.1\r\nHost: localhost\r\n");
            assertThat(wire.send("x-ms-version: 2025-11-05\r\n\r\n").answer(true).status())
                    .isEqualTo(400);
        }
    }

    @Test
    void operationOfAnotherStoreThatIsNotSupportedCreatesNothing() throws IOException {
        assertRefused(
                askAsOtherStore("PUT", "/a", "&comp=block&blockid=AA", "part"),
                400,
                "UnsupportedQueryParameter");
        assertRefused(askAsOtherStore("PUT", "/content", "", "x"), 400, "InvalidBlobName");
        assertRefused(
                askAsOtherStore("DELETE", "/a", "", ""), 403, "AuthorizationPermissionMismatch");
        assertThat(askAsOtherStore("HEAD", "/a", "", "").status()).isEqualTo(404);
        assertThat(askAsOtherStore("PUT", "/a", "", "whole").status()).isEqualTo(201);
        assertThat(askAsOtherStore("GET", "/a", "", "").text()).isEqualTo("whole");
    }

    @Test
    void blobsOfTheContainerAreListedInPages() throws IOException {
        write();
        String list = "&restype=container&comp=list";
        Wire.Answer first = askAsOtherStore("GET", "", list + "&maxresults=3", "");
        assertThat(first.text())
                .contains("<Name>.bufferend</Name>", "<Name>00/000</Name>")
                .contains("<Content-Length>1000</Content-Length>")
                .contains("<NextMarker>00/000</NextMarker>")
                .doesNotContain("00/001", "cumulative_hash_chain");
        Wire.Answer rest = askAsOtherStore("GET", "", list + "&include=metadata&marker=00/000", "");
        assertThat(rest.text())
                .contains("<Name>00/001</Name>", "<Name>00/006</Name>", "<cumulative_hash_chain>")
                .contains("<NextMarker></NextMarker>")
                .doesNotContain("<Name>00/000</Name>");
        assertThat(askAsOtherStore("GET", "", list + "&delimiter=/&prefix=0", "").text())
                .contains("<BlobPrefix><Name>00/</Name></BlobPrefix>")
                .doesNotContain("<Blob>");
        assertRefused(
                askAsOtherStore("GET", "", list + "&delimiter=x", ""),
                400,
                "InvalidQueryParameterValue");
        assertThat(askAsOtherStore("GET", "", "&restype=container", "").status()).isEqualTo(200);
    }
}
