package dev.forebay.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.base.MemoryBudget;
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
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several blobs in one request, over real HTTP. */
class BatchEndpointTest {
    private static final String ID = "abcdefghijklmnopqrstuvwxyz";
    private static final String TYPE = "Content-Type: " + BatchBody.TYPE + "\r\n";
    private static final BatchBody.Blob GOOD = part("good", "Hello");

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
        return part(name, body, Map.of());
    }

    private static BatchBody.Blob part(String name, String body, Map<String, String> metadata) {
        SmallBlob blob = blob("any", body, metadata);
        return new BatchBody.Blob(name, blob.md5().base64(), metadata, blob.body());
    }

    private static String body(List<BatchBody.Blob> blobs) {
        StringBuilder body = new StringBuilder();
        BatchBody.encode(blobs).forEach(piece -> body.append(ISO_8859_1.decode(piece.duplicate())));
        return body.toString();
    }

    private Wire.Answer send(String method, String target, String headers, String body)
            throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            return wire.send(head(method, target, headers) + body).answer(true);
        }
    }

    private static String head(String method, String target, String headers) {
        return "%s %s HTTP/1.1\r\nHost: localhost\r\nx-ms-version: 2021-08-06\r\n%s\r\n"
                .formatted(method, target, headers);
    }

    private static String length(String body) {
        return "Content-Length: " + body.length() + "\r\n";
    }

    private String target(String letters) {
        return "/containers/" + ID + "?comp=batch&" + query(letters);
    }

    private Wire.Answer post(String target, String headers, BatchBody.Blob... blobs)
            throws IOException {
        String body = body(List.of(blobs));
        return send("POST", target, headers + length(body), body);
    }

    private Wire.Answer post(BatchBody.Blob... blobs) throws IOException {
        return post(target("c"), TYPE, blobs);
    }

    /** The words of a refusal by which nothing was created. */
    private String refused(Wire.Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("x-ms-error-code")).isEqualTo(code);
        for (String name : List.of("good", "a", "b")) {
            assertThat(stored().head(new BlobName(name))).as(name).isEmpty();
        }
        return answer.text();
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
    void onlyTheBlobWithAnotherDigestIsNotCreated() throws IOException {
        assertThat(post(part("a", "1")).text()).isEqualTo("created\n");
        BatchBody.Blob wrong =
                new BatchBody.Blob("b", Md5.OF_NOTHING.base64(), Map.of(), GOOD.body());
        Wire.Answer answer = post(part("a", "2"), wrong, GOOD);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("exists\ndigest-mismatch\ncreated\n");
        assertThat(answer.header("Forebay-Durability")).isEqualTo("synced");
        assertThat(answer.header("Content-Type")).startsWith("text/plain");
        assertThat(stored().head(new BlobName("b"))).isEmpty();
        assertThat(get("a").text()).isEqualTo("1");
        assertThat(get("good").text()).isEqualTo("Hello");
    }

    private Wire.Answer get(String name) throws IOException {
        return send("GET", "/containers/%s/%s?%s".formatted(ID, name, query("r")), "", "");
    }

    @Test
    void getAnswersAsAfterAPut() throws IOException {
        Map<String, String> metadata =
                Map.of(
                        "Cumulative_Hash_Chain",
                        "c/+=",
                        "empty",
                        "",
                        "space",
                        "  a  b ",
                        "x",
                        "\u00fc");
        StringBuilder headers = new StringBuilder();
        metadata.forEach(
                (name, value) -> headers.append("x-ms-meta-%s: %s\r\n".formatted(name, value)));
        String put = "/containers/%s/a?%s".formatted(ID, query("c"));
        Wire.Answer made = send("PUT", put, headers + length("Hello"), "Hello");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("Forebay-Batch")).isEqualTo("64");
        Wire.Answer batch = post(part("b", "Hello", metadata));
        assertThat(batch.text()).isEqualTo("created\n");
        assertThat(batch.header("Last-Modified")).isEqualTo(made.header("Last-Modified"));
        Map<String, String> afterPut = new TreeMap<>(get("a").headers());
        Map<String, String> afterBatch = new TreeMap<>(get("b").headers());
        for (String changes : List.of("request-id", "date")) {
            afterPut.remove(changes);
            afterBatch.remove(changes);
        }
        assertThat(afterPut)
                .containsEntry("x-ms-meta-cumulative_hash_chain", "c/+=")
                .containsEntry("x-ms-meta-space", "a  b");
        assertThat(afterBatch).isEqualTo(afterPut);
        assertThat(stored().head(new BlobName("b")).orElseThrow().metadata())
                .isEqualTo(stored().head(new BlobName("a")).orElseThrow().metadata());
    }

    @Test
    void rightOfAPutIsNeeded() throws IOException {
        refused(post(target("r"), TYPE, GOOD), 403, "AuthorizationPermissionMismatch");
        String forged = target("c").replaceFirst("sp=c", "sp=cr");
        refused(post(forged, TYPE, GOOD), 403, "AuthenticationFailed");
        String unsigned = "/containers/" + ID + "?comp=batch&api-version=1.0";
        refused(post(unsigned, TYPE, GOOD), 403, "AuthenticationFailed");
        String elsewhere = target("c").replace(ID, "bcdefghijklmnopqrstuvwxyza");
        refused(post(elsewhere, TYPE, GOOD), 403, "AuthenticationFailed");
        refused(post(target("c"), TYPE + "Origin: http://evil.example\r\n", GOOD), 403, "");
    }

    @Test
    void whatIsNoBatchIsRefused() throws IOException {
        String words = refused(post(target("c"), "", GOOD), 415, "InvalidHeaderValue");
        assertThat(words).contains("expected Content-Type " + BatchBody.TYPE + ", found ''");
        String plain = target("c").replace("comp=batch&", "");
        assertThat(refused(post(plain, TYPE, GOOD), 400, "UnsupportedQueryParameter"))
                .contains("expected comp=batch, for several blobs, found ''");
        assertThat(
                        refused(
                                post(target("c"), TYPE + "Forebay-Durability: solid\r\n", GOOD),
                                400,
                                "InvalidHeaderValue"))
                .contains("must be one of accepted, written, synced, not 'solid'");
        String body = body(List.of(GOOD, part("a", "1")));
        String cut = body.substring(0, body.length() - 1);
        assertThat(refused(send("POST", target("c"), TYPE + length(cut), cut), 400, "InvalidInput"))
                .contains("a batch is malformed at offset 58: expected a body of 1 bytes, found 0");
    }

    @Test
    void batchForAMissingContainerIsRefused() throws IOException {
        server.containers().setAside(ID);
        Wire.Answer answer = post(GOOD);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("x-ms-error-code")).isEqualTo("ContainerNotFound");
    }

    @Test
    void numberOfBlobsIsLimited() throws IOException {
        BatchBody.Blob[] blobs = new BatchBody.Blob[SmallBlob.MOST + 1];
        Arrays.setAll(blobs, i -> i == 0 ? GOOD : part("b/" + i, ""));
        assertThat(refused(post(blobs), 400, "InvalidInput"))
                .contains("expected at most 64 blobs, found another one");
        assertThat(
                        refused(
                                send("POST", target("c"), TYPE + length("FBBA"), "FBBA"),
                                400,
                                "InvalidInput"))
                .contains("expected 1 to 64 blobs, found none");
        assertThat(post(Arrays.copyOf(blobs, SmallBlob.MOST)).text())
                .isEqualTo("created\n".repeat(SmallBlob.MOST));
    }

    @Test
    void sizeOfABlobIsLimited() throws IOException {
        String largest = "x".repeat(SmallBlob.LARGEST);
        assertThat(refused(post(GOOD, part("a", largest + "x")), 413, "RequestBodyTooLarge"))
                .contains("blob a has 16385 bytes, and one of a batch at most 16384; put it for");
        assertThat(post(GOOD, part("a", largest)).text()).isEqualTo("created\ncreated\n");
    }

    @Test
    void sizeOfAllBlobsIsLimited() throws IOException {
        int most = SmallBlob.MOST_BYTES / SmallBlob.LARGEST;
        BatchBody.Blob[] blobs = new BatchBody.Blob[most];
        for (int i = 0; i < most; i++) {
            blobs[i] = part("n" + i, "x".repeat(SmallBlob.LARGEST));
        }
        BatchBody.Blob[] more = Arrays.copyOf(blobs, most + 1);
        more[most] = part("more", "x");
        assertThat(refused(post(more), 413, "RequestBodyTooLarge"))
                .contains("the blobs have 131073 bytes together, and those of a batch at most");
        assertThat(post(blobs).text()).isEqualTo("created\n".repeat(most));
    }

    @Test
    void sizeOfTheRequestIsLimited() throws IOException {
        String length = "Content-Length: " + (BatchBody.LARGEST + 1) + "\r\n";
        String words = "the body is larger than the limit of 262144 bytes";
        assertThat(
                        refused(
                                send("POST", target("c"), TYPE + length, ""),
                                413,
                                "RequestBodyTooLarge"))
                .contains(words);
        String more = "x".repeat(BatchBody.LARGEST - body(List.of(GOOD)).length() + 1);
        assertThat(refused(chunked(body(List.of(GOOD)), more), 413, "RequestBodyTooLarge"))
                .contains(words);
    }

    private Wire.Answer chunked(String... pieces) throws IOException {
        StringBuilder body = new StringBuilder();
        for (String piece : pieces) {
            body.append(Integer.toHexString(piece.length())).append("\r\n").append(piece);
            body.append("\r\n");
        }
        return send(
                "POST", target("c"), TYPE + "Transfer-Encoding: chunked\r\n", body + "0\r\n\r\n");
    }

    @Test
    void lengthNeedNotBeAnnounced() throws IOException {
        String body = body(List.of(GOOD, part("a", "1")));
        assertThat(chunked(body.substring(0, 20), body.substring(20)).text())
                .isEqualTo("created\ncreated\n");
        assertThat(get("a").text()).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a..b", "a/../b", "a b", "content", "\u00fc", "1024", "255"})
    void namesAreThoseOfAPut(String name) throws IOException {
        String illegal = name.matches("[0-9]+") ? "x".repeat(Integer.parseInt(name)) : name;
        assertThat(refused(post(GOOD, part(illegal, "1")), 400, "InvalidBlobName"))
                .contains(
                        "expected a name that a PUT may give, found one of %d characters, '%s'"
                                .formatted(
                                        illegal.length(), illegal.replaceAll("(x{100})x+", "$1")));
    }

    @Test
    void nameIsGivenOnce() throws IOException {
        assertThat(refused(post(GOOD, part("a", "1"), GOOD), 400, "InvalidInput"))
                .contains("expected each name once, found good again");
    }

    @ParameterizedTest
    @CsvSource({
        "a,'x\r\ny: z'",
        "a,'x\ny'",
        "a,'\0'",
        "a,'\t'",
        "a,\u007f",
        "a,\u20ac",
        "'',x",
        "'a b',x"
    })
    void metadataIsWhatAHeaderCanCarry(String name, String value) throws IOException {
        assertThat(
                        refused(
                                post(GOOD, part("a", "1", Map.of(name, value))),
                                400,
                                "InvalidHeaderValue"))
                .contains("blob a: expected metadata that a header can carry, found '");
    }

    @Test
    void metadataIsLimitedToWhatAnAnswerCanCarry() throws IOException {
        String most = "x".repeat(HttpListeners.LARGEST_HEADERS - "x-ms-meta-k: \r\n".length());
        assertThat(
                        refused(
                                post(GOOD, part("a", "1", Map.of("k", most + "x"))),
                                413,
                                "RequestBodyTooLarge"))
                .contains("blob a has metadata of 16385 bytes as headers, and the limit is 16384");
        assertThat(post(part("a", "1", Map.of("k", most))).text()).isEqualTo("created\n");
        assertThat(get("a").header("x-ms-meta-k")).isEqualTo(most);
    }

    @Test
    void bodyThatBreaksOffCreatesNothing() throws IOException {
        String body = body(List.of(GOOD, part("a", "1")));
        try (Wire wire = new Wire(server.uri())) {
            wire.send(head("POST", target("c"), TYPE + length(body + "x")) + body).endInput();
            refused(wire.answer(true), 400, "InvalidInput");
        }
    }

    /** Memory that is let go is left to the garbage collector, and with it the next request. */
    @Test
    void bodyThatIsNoBatchLeavesItsMemoryToTheNext() throws IOException {
        BufferPoolMXBean direct =
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .findAny()
                        .orElseThrow();
        String body = "x".repeat(200_000);
        long before = Long.MAX_VALUE;
        for (int i = 0; i < 60; i++) {
            if (i == 20) {
                before = direct.getMemoryUsed();
            }
            assertThat(send("POST", target("c"), TYPE + length(body), body).status())
                    .isEqualTo(400);
        }
        assertThat(direct.getMemoryUsed() - before).isLessThan(20L * BatchBody.LARGEST);
    }

    @Test
    void batchWithoutMemoryForItsBodyWaitsAndIsThenRefusedAsBusy() throws Exception {
        MemoryBudget memory = MemoryBudget.ofProcess();
        String body = body(List.of(GOOD));
        long left = (long) BudgetClaim.ROOM_OF_BODY + body.length() - 1;
        long taken = memory.total().bytes() - memory.claimed().bytes() - left;
        assertThat(memory.claimFirst(taken)).isTrue();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Wire.Answer> batch = threads.submit(() -> post(GOOD));
            clock.awaitWaiters(Rest.SLEEPERS + 1);
            clock.advance(BudgetClaim.PATIENCE);
            assertThat(refused(batch.get(120, TimeUnit.SECONDS), 503, "ServerBusy"))
                    .contains("out of memory");
        } finally {
            memory.release(taken);
        }
        assertThat(post(GOOD).text()).isEqualTo("created\n");
        server.close(); // It waits for the requests under way.
        assertThat(memory.claimed().bytes()).isZero();
    }

    /** Holds the sync of each batch that is put, and counts how many it holds at a time. */
    private static final class HeldSyncs implements WatchedDisk.Before {
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final AtomicInteger held = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();

        @Override
        public boolean allows(String call, Path path) throws InterruptedException {
            if (call.equals("sync") && path.toString().contains(ID)) {
                most.accumulateAndGet(held.incrementAndGet(), Math::max);
                goOn.await();
                held.decrementAndGet();
            }
            return true;
        }

        /** Holds them until {@code wanted} are there and so much memory is claimed. */
        void await(int wanted, long claimed) {
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
            MemoryBudget memory = MemoryBudget.ofProcess();
            try {
                while (held.get() < wanted || memory.claimed().bytes() < claimed) {
                    assertThat(System.nanoTime())
                            .as("%s held, %s claimed", held, memory.claimed())
                            .isLessThan(deadline);
                    LockSupport.parkNanos(1_000_000);
                }
            } finally {
                goOn.countDown();
            }
        }
    }

    @Test
    void onlyAsManyBatchesArePutAtATimeAsTheHeapHasRoomFor() throws Exception {
        server.close();
        HeldSyncs syncs = new HeldSyncs();
        server =
                ForebayServer.start(
                        ServerConfig.of(directory.resolve("held"), 0),
                        WatchedDisk.with(syncs),
                        clock,
                        new ParkedRequests());
        server.containers().create(ID);
        int atOnce = Math.clamp(Runtime.getRuntime().maxMemory() / 4 / (8 << 20), 1, 32);
        int all = 3 * atOnce;
        long room = MemoryBudget.roomFor(body(List.of(GOOD)).length()) + BudgetClaim.ROOM_OF_BODY;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Wire.Answer>> batches = new ArrayList<>();
            for (int i = 0; i < all; i++) {
                BatchBody.Blob blob = part("b%03d".formatted(i), "Hello");
                batches.add(threads.submit(() -> post(blob)));
            }
            syncs.await(atOnce, all * room);
            for (Future<Wire.Answer> batch : batches) {
                assertThat(batch.get(120, TimeUnit.SECONDS).text()).isEqualTo("created\n");
            }
        }
        assertThat(syncs.most).hasValue(atOnce);
    }

    @Test
    void blobsOfABatchAreCounted() throws IOException {
        post(GOOD, part("a", "1"));
        post(GOOD, part("b", "2"));
        assertThat(send("GET", "/metrics", "", "").text())
                .contains("\nforebay_blobs_created_total 3\n");
    }
}
