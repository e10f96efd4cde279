package dev.forebay.blobhttp;

import static dev.forebay.blobhttp.DataPlane.NAME;
import static dev.forebay.blobhttp.DataPlane.SECRET;
import static dev.forebay.blobhttp.DataPlane.faultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.SmallBlob;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several blobs in one request, and servers that do not take them. */
@Timeout(300)
class BatchTest {
    private static final String POST = "POST /containers/abc?comp=batch&" + SECRET.substring(1);

    private final DataPlane plane = new DataPlane();
    private final HttpContainer container = plane.container();

    @AfterEach
    void close() {
        container.close();
        plane.close();
    }

    private static SmallBlob blob(String name, String body) {
        ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
        return new SmallBlob(new BlobName(name), List.of(bytes), Md5.of(bytes), Map.of());
    }

    private static List<SmallBlob> some() {
        return List.of(blob("a", "one"), blob("b", ""), blob("c", "three"));
    }

    private static void put(HttpContainer container, SmallBlob blob) {
        assertThat(container.put(blob.name(), blob.body(), blob.md5(), blob.metadata()))
                .isInstanceOf(PutResult.Created.class);
    }

    /** Has the container read that the plane takes batches, and forgets the request. */
    private void announce(String number) {
        plane.batch = number;
        put(container, blob("0", ""));
        plane.requests.clear();
    }

    @Test
    void serverThatAnnouncesNoBatchesGetsEachBlobForItself() {
        put(container, blob("0", ""));
        assertThat(container.mostAtOnce()).isOne();
        plane.requests.clear();
        assertThat(container.putAll(some()))
                .hasSize(3)
                .allMatch(PutResult.Created.class::isInstance);
        assertThat(plane.requests)
                .containsExactly(
                        "PUT /containers/abc/a" + SECRET,
                        "PUT /containers/abc/b" + SECRET,
                        "PUT /containers/abc/c" + SECRET);
    }

    @Test
    void blobsGoInOneRequestToAServerThatAnnouncesIt() {
        announce("64");
        assertThat(container.mostAtOnce()).isEqualTo(64);
        SmallBlob first =
                new SmallBlob(
                        NAME,
                        List.of(
                                ByteBuffer.wrap(new byte[] {'H', 'e'}),
                                ByteBuffer.allocateDirect(0),
                                ByteBuffer.wrap("_llo_".getBytes(StandardCharsets.UTF_8), 1, 3)),
                        Md5.of(ByteBuffer.wrap("Hello".getBytes(StandardCharsets.UTF_8))),
                        Map.of("cumulative_hash_chain", "c/+="));
        assertThat(container.putAll(List.of(first, blob("b", ""))))
                .containsExactly(created(first), created(blob("b", "")));
        assertThat(plane.requests).containsExactly(POST);
        assertThat(plane.container.body(NAME)).asString().isEqualTo("Hello");
        assertThat(plane.container.head(NAME).orElseThrow().metadata()).isEqualTo(first.metadata());
        assertThat(first.size()).isEqualTo(5);
    }

    private static PutResult created(SmallBlob blob) {
        Instant modified = Instant.parse("2026-01-01T00:00:00Z");
        return new PutResult.Created(
                new BlobInfo(blob.name(), blob.size(), blob.md5(), blob.metadata(), modified),
                Durability.SYNCED);
    }

    @Test
    void eachBlobHasItsResult() {
        announce("64");
        put(container, blob("a", "before"));
        SmallBlob wrong =
                new SmallBlob(new BlobName("b"), blob("b", "x").body(), Md5.OF_NOTHING, Map.of());
        assertThat(container.putAll(List.of(blob("a", "after"), wrong, blob("c", ""))))
                .containsExactly(
                        new PutResult.Exists(Durability.SYNCED),
                        new PutResult.DigestMismatch(Md5.OF_NOTHING, blob("b", "x").md5()),
                        created(blob("c", "")));
        assertThat(plane.container.body(new BlobName("a"))).asString().isEqualTo("before");
    }

    @Test
    void largestBatchArrivesWhole() {
        announce("64");
        Random random = new Random(1);
        List<SmallBlob> blobs = new ArrayList<>();
        for (int i = 0; i < SmallBlob.MOST; i++) {
            int size = i % 11 == 0 ? SmallBlob.LARGEST : 1 + random.nextInt(500);
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            int cut = random.nextInt(bytes.length);
            List<ByteBuffer> body =
                    List.of(
                            ByteBuffer.wrap(bytes, 0, cut),
                            ByteBuffer.wrap(bytes, cut, bytes.length - cut));
            blobs.add(new SmallBlob(new BlobName("b/" + i), body, Md5.of(body), Map.of()));
        }
        assertThat(container.putAll(blobs))
                .isEqualTo(blobs.stream().map(BatchTest::created).toList());
        assertThat(plane.requests).containsExactly(POST);
    }

    @Test
    void batchBeyondTheLargestIsPutOneByOneAndLaterOnesTogether() {
        announce("64");
        List<SmallBlob> blobs = new ArrayList<>();
        ByteBuffer body = ByteBuffer.allocate(1);
        for (int i = 0; i < 20; i++) {
            BlobName name = new BlobName("b/" + i);
            Map<String, String> large = Map.of("k", "x".repeat(15_000));
            blobs.add(new SmallBlob(name, List.of(body), Md5.of(body), large));
        }
        assertThat(container.putAll(blobs)).hasSize(20);
        assertThat(plane.requests).hasSize(20).doesNotContain(POST);
        container.putAll(List.of(blob("a", "one"), blob("b", "two")));
        assertThat(plane.requests).hasSize(21).contains(POST);
    }

    @Test
    void oneBlobIsPutAndNoneIsNoRequest() {
        announce("64");
        assertThat(container.putAll(List.of(blob("a", "one")))).hasSize(1);
        assertThat(container.putAll(List.of())).isEmpty();
        assertThat(plane.requests).containsExactly("PUT /containers/abc/a" + SECRET);
    }

    @ParameterizedTest
    @CsvSource({
        "2,2",
        "64,64",
        "65,64",
        "999999999,64",
        "1,1",
        "0,1",
        "-2,1",
        "x,1",
        "10000000000,1"
    })
    void numberIsTakenAsAnnouncedUpToTheMost(String announced, int most) {
        announce(announced);
        assertThat(container.mostAtOnce()).isEqualTo(most);
    }

    private void answer(int status, String code, String body) {
        plane.interference =
                exchange -> {
                    if (!exchange.getRequestMethod().equals("POST")) {
                        return false;
                    }
                    DataPlane.refuse(exchange, status, code, body);
                    return true;
                };
    }

    @ParameterizedTest
    @CsvSource({
        "400,UnsupportedQueryParameter",
        "400,''",
        "401,''",
        "403,''",
        "404,''",
        "411,''",
        "405,UnsupportedHttpVerb",
        "405,''",
        "413,''",
        "415,''",
        "501,''"
    })
    void serverThatTakesNoBatchesGetsEachBlobForItselfFromThenOn(int status, String code) {
        announce("64");
        answer(status, code, "");
        assertThatCode(() ->
                        assertThat(container.putAll(some()))
                                .hasSize(3)
                                .allMatch(PutResult.Created.class::isInstance))
                .doesNotThrowAnyException();
        put(container, blob("d", "announced again"));
        assertThat(container.mostAtOnce()).isOne();
        assertThat(container.putAll(List.of(blob("e", ""), blob("f", "")))).hasSize(2);
        assertThat(plane.requests)
                .hasSize(7)
                .startsWith(POST, "PUT /containers/abc/a" + SECRET)
                .filteredOn(POST::equals)
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "403,AuthenticationFailed,BAD_CREDENTIAL",
        "403,AuthorizationPermissionMismatch,NOT_PERMITTED",
        "404,ContainerNotFound,MISSING_CONTAINER",
        "400,InvalidInput,BAD_REQUEST",
        "400,InvalidBlobName,BAD_REQUEST",
        "409,ContainerPoisoned,BAD_REQUEST",
        "408,'',TIMED_OUT",
        "429,'',THROTTLED",
        "500,'',UNAVAILABLE",
        "503,ServerBusy,UNAVAILABLE",
        "507,InsufficientStorage,NO_SPACE",
        "302,'',FAILED",
        "201,'',FAILED"
    })
    void anyOtherRefusalIsAFaultAsOfAPut(int status, String code, Fault fault) {
        announce("64");
        answer(status, code, "for comp=batch&sv=0.1.0&sig=a%2Bb%3D " + SECRET);
        assertThat(faultOf(() -> container.putAll(some()))).isEqualTo(fault);
        assertThat(plane.requests).containsExactly(POST);
        assertThat(container.mostAtOnce()).isEqualTo(64);
    }

    @Test
    void expiredUrlIsRenewedAndTheBatchSentAgain() {
        List<String> queries = new ArrayList<>(List.of("?sig=1", "?sig=2"));
        AccessUrlSource source = AccessUrlSource.asking(() -> plane.url(queries.removeFirst()));
        plane.batch = "64";
        try (HttpContainer renewing = new HttpContainer(source)) {
            put(renewing, blob("0", ""));
            plane.requests.clear();
            plane.interference =
                    exchange -> {
                        if (exchange.getRequestURI().getRawQuery().endsWith("sig=2")) {
                            return false;
                        }
                        DataPlane.refuse(exchange, 403, "AuthenticationFailed", "");
                        return true;
                    };
            assertThat(renewing.putAll(some())).hasSize(3);
        }
        assertThat(plane.requests)
                .containsExactly(
                        "POST /containers/abc?comp=batch&sig=1",
                        "POST /containers/abc?comp=batch&sig=2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "created,created; expected 3 lines in the answer, found 2: [created, created]",
                "created,created,created,created; expected 3 lines in the answer, found 4: [",
                "''; expected 3 lines in the answer, found 0: []",
                "created,exists,; expected 3 lines in the answer, found 2",
                "created,Created,created; expected created, exists or digest-mismatch in line 2 in"
                        + " the answer, found 'Created'",
                "created,created,&sv=0.1.0&sig=a%2Bb%3D; in line 3 in the answer, found '&...'"
            })
    void answerThatSaysSomethingElseIsAFailure(String lines, String message) {
        announce("64");
        answer(200, "", lines.replace(',', '\n'));
        assertThatThrownBy(() -> container.putAll(some()))
                .isInstanceOfSatisfying(
                        ContainerException.class,
                        e -> assertThat(e.fault()).isEqualTo(Fault.FAILED))
                .hasMessageStartingWith("putting 3 blobs from a on at http://127.0.0.1:")
                .hasMessageContaining(message)
                .hasMessageEndingWith("; is this a Forebay server?");
    }

    @Test
    void metadataThatAPutCannotCarryIsNotSent() {
        announce("64");
        SmallBlob bad =
                new SmallBlob(new BlobName("b"), List.of(), Md5.OF_NOTHING, Map.of("k", "a\nb"));
        assertThatThrownBy(() -> container.putAll(List.of(blob("a", ""), bad)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the header 'k' has a character that HTTP cannot carry");
        assertThat(plane.requests).isEmpty();
    }

    private static final String ANNOUNCEMENT =
            "HTTP/1.1 201 Created|Forebay-Batch: 64|Content-Length: 0||";

    private final List<String> heads = new CopyOnWriteArrayList<>();

    /** Answers {@code each} requests on a connection and closes it without having said so. */
    private RawServer.Handler answering(int each, String... answers) {
        return connection -> {
            InputStream input = new BufferedInputStream(connection.getInputStream());
            for (int i = 0; i < each; i++) {
                String head = RawServer.head(input);
                input.skipNBytes(
                        Long.parseLong(head.split("Content-Length: ", 2)[1].split("\r", 2)[0]));
                String answer = answers[heads.size()];
                heads.add(head.substring(0, 5).strip());
                connection
                        .getOutputStream()
                        .write(answer.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            }
        };
    }

    @Test
    void batchIsSentAgainIfItsConnectionWasClosedWhileIdle() {
        String done = "HTTP/1.1 200 OK|Content-Length: 23||created\nexists\ncreated\n";
        try (RawServer server = new RawServer(answering(1, ANNOUNCEMENT, done));
                HttpContainer client = new HttpContainer(AccessUrlSource.fixed(server.url()))) {
            put(client, blob("0", ""));
            assertThat(client.putAll(some()))
                    .hasSize(3)
                    .element(1)
                    .isEqualTo(new PutResult.Exists(Durability.WRITTEN));
            assertThat(server.connections).hasValue(2);
            assertThat(heads).containsExactly("PUT /", "POST");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK|Content-Length: 23||created\n", "HTTP/1.1 2"})
    void answerThatBreaksOffMayPass(String cut) {
        try (RawServer server = new RawServer(answering(2, ANNOUNCEMENT, cut, cut));
                HttpContainer client = new HttpContainer(AccessUrlSource.fixed(server.url()))) {
            put(client, blob("0", ""));
            assertThat(faultOf(() -> client.putAll(some()))).isEqualTo(Fault.UNAVAILABLE);
        }
    }

    @Test
    void answerThatStandsStillTimesOut() {
        HttpTimeouts hasty =
                new HttpTimeouts(
                        Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMillis(200));
        String begin = "HTTP/1.1 200 OK|Content-Length: 23||created\n";
        try (RawServer server = new RawServer(answering(3, ANNOUNCEMENT, begin, ""));
                HttpContainer client =
                        new HttpContainer(
                                AccessUrlSource.fixed(server.url()), hasty, Durability.SYNCED)) {
            put(client, blob("0", ""));
            assertThat(faultOf(() -> client.putAll(some()))).isEqualTo(Fault.TIMED_OUT);
        }
    }
}
