package dev.forebay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Buffers that are not stored, over HTTP as section 1.13 of the reference's protocol has it. */
class EphemeralBuffersTest {
    private static final int GUARD_MILLIS = 180_000;
    private static final String CAT = "cat \"$IN_PIPE\" > \"$OUT_PIPE\"";

    @TempDir static Path directory;
    private static RunServer shared;

    /** The shared one, unless a test closes its server. */
    private RunServer server;

    @BeforeAll
    static void start() throws IOException {
        shared = start("data");
    }

    @BeforeEach
    void share() {
        server = shared;
    }

    @AfterAll
    static void stop() throws IOException {
        shared.close();
    }

    private static RunServer start(String data) throws IOException {
        return new RunServer(directory.resolve(data), settings -> settings);
    }

    /** A run of this script with an ephemeral input and an ephemeral output. */
    private JsonNode run(String script) throws IOException {
        String codespec = "relayed-" + UUID.randomUUID();
        server.codespec(codespec, script);
        return server.json(
                201,
                "POST",
                "/runs",
                "{'job':{'codespec':'%s','buffers':{'in':'_','out':'_'}}}".formatted(codespec));
    }

    private URI access(JsonNode run, String parameter) throws IOException {
        String id = run.at("/job/buffers/" + parameter).stringValue();
        assertThat(id).matches("run-" + run.get("id").longValue() + "-temp-[a-z2-7]{26}");
        boolean writeable = parameter.equals("in");
        String uri =
                server.json(201, "POST", "/buffers/" + id + "/access?writeable=" + writeable, "")
                        .get("uri")
                        .stringValue();
        assertThat(uri).contains("&relay=true");
        return URI.create(uri);
    }

    private static HttpURLConnection open(String method, URI uri) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setReadTimeout(GUARD_MILLIS);
        connection.setRequestMethod(method);
        if (method.equals("PUT")) {
            connection.setDoOutput(true);
            connection.setChunkedStreamingMode(1024);
        }
        return connection;
    }

    private static void send(OutputStream body, String text) throws IOException {
        body.write(text.getBytes(UTF_8));
        body.flush();
    }

    private static int put(URI uri, String text) throws IOException {
        HttpURLConnection connection = open("PUT", uri);
        try (OutputStream body = connection.getOutputStream()) {
            send(body, text);
        }
        return connection.getResponseCode();
    }

    private String status(JsonNode run) throws IOException {
        JsonNode ended = server.awaitEnd(run.get("id").longValue());
        JsonNode reason = ended.get("statusReason");
        return ended.get("status").stringValue()
                + (reason == null ? "" : ": " + reason.stringValue());
    }

    @Test
    void bytesGoThroughTheProgramAsTheyComeAndNothingIsStored() throws IOException {
        JsonNode run = run(CAT);
        URI in = access(run, "in");
        URI out = access(run, "out");
        assertThat(open("HEAD", in).getResponseCode()).isEqualTo(200);
        HttpURLConnection writing = open("PUT", in);
        OutputStream body = writing.getOutputStream();
        send(body, "first");
        InputStream read = open("GET", out).getInputStream();
        assertThat(read.readNBytes(5)).asString().isEqualTo("first");
        assertThat(put(in, "second")).as("another writer").isEqualTo(400);
        assertThat(open("GET", out).getResponseCode()).as("another reader").isEqualTo(400);
        assertThat(open("GET", in).getResponseCode()).as("no right to read").isEqualTo(405);
        send(body, "second");
        body.close();
        assertThat(read.readAllBytes()).asString().isEqualTo("second");
        assertThat(writing.getResponseCode()).isEqualTo(202);
        assertThat(status(run)).isEqualTo("Succeeded");
        assertThat(open("GET", out).getResponseCode()).isEqualTo(400);
        assertThat(server.get("/buffers").get("items")).isEmpty();
    }

    @Test
    void accessNeedsASignatureForTheRightThing() throws IOException {
        JsonNode run = run(CAT);
        URI out = access(run, "out");
        assertThat(put(out, "x")).as("a letter is missing").isEqualTo(403);
        URI forged = URI.create(out.toString().replace("sp=r", "sp=cr"));
        assertThat(put(forged, "x")).isEqualTo(403);
        String id = run.at("/job/buffers/out").stringValue();
        long number = run.get("id").longValue();
        String other = id.replace("run-" + number, "run-" + (number + 1));
        server.json(404, "POST", "/buffers/" + other + "/access", "");
        assertThat(open("HEAD", URI.create(out.toString().replace(id, other))).getResponseCode())
                .isEqualTo(404);
        server.json(202, "POST", "/runs/" + number + "/cancel", "");
        assertThatThrownBy(() -> open("GET", out).getInputStream().readAllBytes())
                .as("a canceled run")
                .isInstanceOf(IOException.class);
    }

    @Test
    void programThatFailsFailsItsReaderAndItsWriter() throws IOException {
        JsonNode run = run("head -c 3 \"$IN_PIPE\" > \"$OUT_PIPE\"; exit 3");
        HttpURLConnection writing = open("PUT", access(run, "in"));
        InputStream read = open("GET", access(run, "out")).getInputStream();
        try (OutputStream body = writing.getOutputStream()) {
            send(body, "first");
            assertThatThrownBy(read::readAllBytes).isInstanceOf(IOException.class);
            assertThat(status(run)).isEqualTo("Failed: Main exited with code 3");
            send(body, "more");
        }
        assertThat(writing.getResponseCode()).isEqualTo(500);
        assertThat(put(access(run, "in"), "x")).as("later").isIn(400, 500);
    }

    @Test
    void programThatReadsNothingAndSucceedsFailsNobody() throws IOException {
        JsonNode run = run("exec 3>\"$OUT_PIPE\"; echo done >&3");
        InputStream read = open("GET", access(run, "out")).getInputStream();
        assertThat(read.readAllBytes()).asString().isEqualTo("done\n");
        assertThat(status(run)).isEqualTo("Succeeded");
        assertThat(put(access(run, "in"), "x")).isEqualTo(202);
    }

    @Test
    void writerThatLeavesIsNoEndOfItsInput() throws IOException {
        JsonNode run = run(CAT);
        URI in = access(run, "in");
        InputStream read = open("GET", access(run, "out")).getInputStream();
        try (Socket socket = new Socket(in.getHost(), in.getPort())) {
            socket.getOutputStream()
                    .write(
                            "PUT %s?%s HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"
                                    .formatted(in.getPath(), in.getRawQuery(), in.getAuthority())
                                    .getBytes(US_ASCII));
            assertThat(read.readNBytes(5)).asString().isEqualTo("first");
        }
        assertThatThrownBy(read::readAllBytes).isInstanceOf(IOException.class);
        assertThat(status(run)).isEqualTo("Failed: input in: its client left before the end");
    }

    @Test
    void readerThatLeavesFailsTheRun() throws IOException {
        JsonNode run = run("cat /dev/zero > \"$OUT_PIPE\"");
        URI out = access(run, "out");
        try (Socket socket = new Socket(out.getHost(), out.getPort())) {
            socket.getOutputStream()
                    .write(
                            "GET %s?%s HTTP/1.1\r\nHost: %s\r\n\r\n"
                                    .formatted(out.getPath(), out.getRawQuery(), out.getAuthority())
                                    .getBytes(US_ASCII));
            assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
        }
        assertThat(status(run)).startsWith("Failed: output out: its client left before the end");
    }

    @Test
    void stoppingServerIsNoEnd() throws IOException {
        server = start("stopping");
        JsonNode run = run(CAT);
        HttpURLConnection writing = open("PUT", access(run, "in"));
        OutputStream body = writing.getOutputStream();
        send(body, "first");
        InputStream read = open("GET", access(run, "out")).getInputStream();
        assertThat(read.readNBytes(5)).asString().isEqualTo("first");
        JsonNode other = run(CAT);
        try (Socket socket = getWithTrailers(access(other, "out"))) {
            server.close();
            assertThat(rest(socket)).endsWith("\r\n0\r\nx-ms-error-code: ContextCancelled\r\n\r\n");
        }
        assertThatThrownBy(read::readAllBytes).isInstanceOf(IOException.class);
        try (RunServer next = start("stopping")) {
            server = next;
            assertThat(status(run)).startsWith("Failed: ");
            assertThat(status(other)).startsWith("Failed: ");
        }
    }

    /** A GET whose client reads what comes behind a body; its head has come. */
    private static Socket getWithTrailers(URI uri) throws IOException {
        Socket socket = new Socket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(GUARD_MILLIS);
        socket.getOutputStream()
                .write(
                        "GET %s?%s HTTP/1.1\r\nHost: %s\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n"
                                .formatted(uri.getPath(), uri.getRawQuery(), uri.getAuthority())
                                .getBytes(US_ASCII));
        assertThat(socket.getInputStream().readNBytes(15)).asString().isEqualTo("HTTP/1.1 200 OK");
        return socket;
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }

    @Test
    void readerThatTakesTrailersIsGivenTheErrorCode() throws IOException {
        JsonNode fails = run("echo much > \"$OUT_PIPE\"; head -c 1 \"$IN_PIPE\"; exit 3");
        try (Socket socket = getWithTrailers(access(fails, "out"))) {
            assertThat(put(access(fails, "in"), "x")).isIn(202, 500);
            assertThat(rest(socket))
                    .containsIgnoringCase("\r\nTrailer: x-ms-error-code\r\n")
                    .endsWith("much\n\r\n0\r\nx-ms-error-code: TransferFailed\r\n\r\n");
        }
        JsonNode succeeds = run("echo much > \"$OUT_PIPE\"");
        try (Socket socket = getWithTrailers(access(succeeds, "out"))) {
            assertThat(rest(socket)).endsWith("much\n\r\n0\r\n\r\n");
        }
    }
}
