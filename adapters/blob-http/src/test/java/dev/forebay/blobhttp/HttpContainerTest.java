package dev.forebay.blobhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.Wait;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpContainerTest {
    private static final BlobName NAME = new BlobName("00/000");
    private static final String SECRET = "?sv=0.1.0&sig=a%2Bb%3D";

    private final DataPlane plane = new DataPlane();
    private final HttpContainer container =
            new HttpContainer(AccessUrlSource.fixed(plane.url(SECRET)));

    @AfterEach
    void close() {
        container.close();
        plane.close();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private PutResult put(String text, Map<String, String> metadata) {
        return container.put(NAME, bytes(text), Md5.of(bytes(text)), metadata);
    }

    private Fault faultOf(Runnable call) {
        List<Fault> faults = new ArrayList<>();
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(ContainerException.class, e -> faults.add(e.fault()))
                .hasMessageNotContaining("sig=");
        return faults.getFirst();
    }

    @Test
    void aBlobComesBackAsItWasPut() {
        assertThat(put("Hello", Map.of("cumulative_hash_chain", "c/+=")))
                .isInstanceOfSatisfying(
                        PutResult.Created.class,
                        made -> assertThat(made.durability()).isEqualTo(Durability.SYNCED));
        BlobInfo info = container.head(NAME).orElseThrow();
        assertThat(info.size()).isEqualTo(5);
        assertThat(info.metadata()).isEqualTo(Map.of("cumulative_hash_chain", "c/+="));
        try (OpenBlob blob = ((Lookup.Found) container.get(NAME, Wait.NONE)).blob()) {
            ByteBuffer body = ByteBuffer.allocateDirect(5);
            blob.readInto(body);
            assertThat(body.flip()).isEqualTo(bytes("Hello"));
        }
        assertThat(plane.requests)
                .containsExactly(
                        "PUT /containers/abc/00/000" + SECRET,
                        "HEAD /containers/abc/00/000" + SECRET,
                        "GET /containers/abc/00/000" + SECRET);
    }

    @Test
    void aTakenNameIsToldAndNothingIsChanged() {
        put("Hello", Map.of());
        assertThat(put("other", Map.of())).isInstanceOf(PutResult.Exists.class);
        assertThat(plane.container.body(NAME)).asString(StandardCharsets.UTF_8).isEqualTo("Hello");
    }

    @ParameterizedTest
    @CsvSource({"409,BlobAlreadyExists", "412,ConditionNotMet", "412,''"})
    void otherWordsForATakenNameAreUnderstood(int status, String code) {
        plane.interference =
                exchange -> {
                    DataPlane.refuse(exchange, status, code, "");
                    return true;
                };
        assertThat(put("Hello", Map.of())).isInstanceOf(PutResult.Exists.class);
    }

    @Test
    void aBodyThatDoesNotMatchItsDigestIsToldAsThat() {
        assertThat(container.put(NAME, bytes("Hello"), Md5.OF_NOTHING, Map.of()))
                .isInstanceOf(PutResult.DigestMismatch.class);
        assertThat(plane.container.names()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "403,AuthenticationFailed,BAD_CREDENTIAL",
        "403,AuthorizationPermissionMismatch,NOT_PERMITTED",
        "404,ContainerNotFound,MISSING_CONTAINER",
        "400,InvalidBlobName,BAD_REQUEST",
        "413,'',BAD_REQUEST",
        "429,'',THROTTLED",
        "500,'',UNAVAILABLE",
        "503,'',UNAVAILABLE",
        "501,'',FAILED",
        "507,'',NO_SPACE",
        "504,'',TIMED_OUT",
        "302,'',FAILED",
        "404,'',FAILED",
        "200,'',FAILED"
    })
    void everyAnswerHasItsClass(int status, String code, Fault fault) {
        plane.interference =
                exchange -> {
                    exchange.getResponseHeaders().set("Location", "/containers/abc/other");
                    DataPlane.refuse(exchange, status, code, "for sig=... " + SECRET);
                    return true;
                };
        plane.requests.clear();
        List<Fault> faults = new ArrayList<>();
        assertThatThrownBy(() -> put("Hello", Map.of()))
                .isInstanceOfSatisfying(ContainerException.class, e -> faults.add(e.fault()))
                .hasMessageNotContaining("a%2Bb");
        assertThat(faults).containsExactly(fault);
        assertThat(plane.requests).hasSize(1);
    }

    @Test
    void nobodyThereIsUnavailable() {
        plane.close();
        assertThat(faultOf(() -> container.head(NAME))).isEqualTo(Fault.UNAVAILABLE);
    }

    @Test
    void anAnswerThatNeverComesTimesOut() throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        plane.interference =
                exchange -> {
                    await(over);
                    return true;
                };
        HttpTimeouts hasty =
                new HttpTimeouts(
                        Duration.ofSeconds(5), Duration.ofMillis(100), Duration.ofMillis(100));
        try (HttpContainer impatient =
                new HttpContainer(
                        AccessUrlSource.fixed(plane.url(SECRET)), hasty, Durability.SYNCED)) {
            assertThat(faultOf(() -> impatient.head(NAME))).isEqualTo(Fault.TIMED_OUT);
        } finally {
            over.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aBodyThatStandsStillTimesOut() {
        CountDownLatch over = new CountDownLatch(1);
        plane.interference =
                exchange -> {
                    exchange.getResponseHeaders().set("Content-MD5", Md5.OF_NOTHING.base64());
                    exchange.sendResponseHeaders(200, 10);
                    exchange.getResponseBody().write(new byte[4]);
                    exchange.getResponseBody().flush();
                    await(over);
                    return true;
                };
        HttpTimeouts hasty =
                new HttpTimeouts(
                        Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofMillis(100));
        try (HttpContainer impatient =
                        new HttpContainer(
                                AccessUrlSource.fixed(plane.url(SECRET)),
                                hasty,
                                Durability.SYNCED);
                OpenBlob blob = ((Lookup.Found) impatient.get(NAME, Wait.NONE)).blob()) {
            assertThat(faultOf(() -> blob.readInto(ByteBuffer.allocate(10))))
                    .isEqualTo(Fault.TIMED_OUT);
        } finally {
            over.countDown();
        }
    }

    @Test
    void aBodyThatBreaksOffIsBroken() {
        plane.interference =
                exchange -> {
                    exchange.getResponseHeaders().set("Content-MD5", Md5.OF_NOTHING.base64());
                    exchange.sendResponseHeaders(200, 10);
                    exchange.getResponseBody().write(new byte[4]);
                    exchange.getResponseBody().flush();
                    return true;
                };
        try (OpenBlob blob = ((Lookup.Found) container.get(NAME, Wait.NONE)).blob()) {
            assertThat(faultOf(() -> blob.readInto(ByteBuffer.allocate(10))))
                    .isEqualTo(Fault.BROKEN_BODY);
        }
    }

    @Test
    void aBlobWithoutADigestIsRefused() {
        plane.interference =
                exchange -> {
                    exchange.sendResponseHeaders(200, 4);
                    exchange.getResponseBody().write(new byte[4]);
                    return true;
                };
        assertThat(faultOf(() -> container.get(NAME, Wait.NONE))).isEqualTo(Fault.FAILED);
    }

    @Test
    void anAcknowledgementThatNamesNoDurabilityIsBelievedToBeWritten() {
        plane.durability = null;
        assertThat(put("Hello", Map.of()))
                .isInstanceOfSatisfying(
                        PutResult.Created.class,
                        made -> assertThat(made.durability()).isEqualTo(Durability.WRITTEN));
    }

    @Test
    void aWaitingGetIsWokenByTheBlob() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Lookup> waiting =
                    threads.submit(() ->
                            container.get(
                                    NAME,
                                    Wait.upTo(Duration.ofSeconds(20), new BlobName(".bufferend"))));
            put("Hello", Map.of());
            assertThat(waiting.get())
                    .isInstanceOfSatisfying(
                            Lookup.Found.class,
                            found -> {
                                try (OpenBlob blob = found.blob()) {
                                    assertThat(blob.info().size()).isEqualTo(5);
                                }
                            });
        }
    }

    @Test
    void whetherTheOtherSideWaitedIsTold() {
        container.put(new BlobName(".bufferend"), bytes("{}"), Md5.of(bytes("{}")), Map.of());
        Wait wait = Wait.upTo(Duration.ofSeconds(20), new BlobName(".bufferend"));
        assertThat(container.get(NAME, wait)).isEqualTo(new Lookup.Absent(true));
        plane.waits = false;
        assertThat(container.get(NAME, wait)).isEqualTo(new Lookup.Absent(false));
        assertThat(container.get(NAME, Wait.NONE)).isEqualTo(new Lookup.Absent(false));
    }

    /** The plane takes only URLs that were handed out last. */
    private void expire(AtomicInteger good) {
        plane.interference =
                exchange -> {
                    String query = exchange.getRequestURI().getRawQuery();
                    if (query.equals("sig=" + good.get())) {
                        return false;
                    }
                    DataPlane.refuse(
                            exchange,
                            403,
                            "AuthenticationFailed",
                            "<Error><AuthenticationErrorDetail>expired</AuthenticationErrorDetail></Error>");
                    return true;
                };
    }

    @Test
    void anExpiredUrlIsRenewedOnceForAllThatMetIt() throws Exception {
        AtomicInteger good = new AtomicInteger(1);
        AtomicInteger asked = new AtomicInteger();
        expire(good);
        AccessUrlSource source =
                AccessUrlSource.asking(() -> {
                    asked.incrementAndGet();
                    return plane.url("?sig=" + good.get());
                });
        try (HttpContainer renewing = new HttpContainer(source);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(renewing.head(NAME)).isEmpty();
            good.set(2);
            List<Future<?>> heads = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                heads.add(threads.submit(() -> renewing.head(NAME)));
            }
            for (Future<?> head : heads) {
                head.get();
            }
        }
        assertThat(asked).hasValue(2);
    }

    @Test
    void aTransferOutlivesManyUrls() {
        AtomicInteger good = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        expire(good);
        DataPlane.Interference check = plane.interference;
        plane.interference =
                exchange -> {
                    // Every tenth request finds that its URL has just expired.
                    if (seen.incrementAndGet() % 10 == 0) {
                        good.incrementAndGet();
                    }
                    return check.answers(exchange);
                };
        byte[] data = new byte[300_000];
        new Random(1).nextBytes(data);
        try (HttpContainer renewing =
                new HttpContainer(AccessUrlSource.asking(() -> plane.url("?sig=" + good.get())))) {
            new BufferWriter(
                            renewing,
                            WriteOptions.defaults()
                                    .withDop(1)
                                    .withBlockSize(ByteSize.of(2000))
                                    .withFlushInterval(Duration.ZERO))
                    .write(Channels.newChannel(new ByteArrayInputStream(data)));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            new BufferReader(renewing, ReadOptions.defaults().withDop(1))
                    .read(Channels.newChannel(out));
            assertThat(out.toByteArray()).isEqualTo(data);
        }
        assertThat(good.get()).isGreaterThan(12);
    }

    @Test
    void aFileIsReadAgainWhenItsUrlIsRefused(@TempDir Path directory) throws Exception {
        AtomicInteger good = new AtomicInteger(1);
        expire(good);
        Path file = directory.resolve("access");
        Files.writeString(file, plane.url("?sig=1").secret() + "\r\n");
        try (HttpContainer renewing = new HttpContainer(AccessUrlSource.file(file))) {
            assertThat(renewing.head(NAME)).isEmpty();
            good.set(2);
            Files.writeString(file, plane.url("?sig=2").secret() + "\n");
            assertThat(renewing.head(NAME)).isEmpty();
        }
        Files.writeString(file, "x".repeat(2048));
        try (HttpContainer tooLong = new HttpContainer(AccessUrlSource.file(file))) {
            assertThat(faultOf(() -> tooLong.head(NAME))).isEqualTo(Fault.BAD_CREDENTIAL);
        }
    }

    @Test
    void aBufferGoesThroughWithBrokenAnswersOnTheWay() {
        Random random = new Random(5);
        plane.interference =
                exchange -> {
                    int dice;
                    synchronized (random) {
                        dice = random.nextInt(40);
                    }
                    switch (dice) {
                        case 0 -> DataPlane.refuse(exchange, 503, "", "");
                        case 1 -> DataPlane.refuse(exchange, 429, "", "");
                        case 2 -> DataPlane.refuse(exchange, 500, "InternalError", "");
                        case 3 -> {
                            // A body of which nothing comes.
                            boolean get = exchange.getRequestMethod().equals("GET");
                            exchange.getResponseHeaders()
                                    .set("Content-MD5", Md5.OF_NOTHING.base64());
                            exchange.sendResponseHeaders(get ? 200 : 503, 100);
                        }
                        default -> {
                            return false;
                        }
                    }
                    return true;
                };
        byte[] data = new byte[2_000_000];
        random.nextBytes(data);
        new BufferWriter(container, WriteOptions.defaults().withBlockSize(ByteSize.ofKiB(20)))
                .write(Channels.newChannel(new ByteArrayInputStream(data)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new BufferReader(container, ReadOptions.defaults()).read(Channels.newChannel(out));
        assertThat(out.toByteArray()).isEqualTo(data);
    }
}
