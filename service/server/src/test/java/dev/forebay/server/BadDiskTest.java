package dev.forebay.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.forebay.base.Disk;
import dev.forebay.base.MemoryBudget;
import dev.forebay.base.NoSpaceException;
import dev.forebay.blob.Md5;
import dev.forebay.testkit.ManualClock;
import dev.forebay.wire.data.BatchBody;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A server whose disk fails it, over HTTP: what it says, what it keeps, and how it recovers. */
class BadDiskTest {
    private static final String ID = "baddisk";
    private static final WatchedDisk.Before GOOD = (_, _) -> true;

    @TempDir Path directory;
    private volatile WatchedDisk.Before before = GOOD;
    private final ManualClock clock = new ManualClock();
    private ForebayServer server;

    @BeforeEach
    void start() throws IOException {
        Disk disk = WatchedDisk.with((call, path) -> before.allows(call, path));
        ServerConfig config =
                ServerConfig.of(directory.resolve("data"), 0).withGrace(Duration.ofSeconds(30));
        server = ForebayServer.start(config, disk, clock, new ParkedRequests());
        server.containers().create(ID);
    }

    @AfterEach
    void stop() throws IOException {
        before = GOOD;
        server.close();
    }

    private Wire.Answer ask(String method, String target, String body) throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            return wire.send(
                            method
                                    + " "
                                    + target
                                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                                    + body.length()
                                    + "\r\n\r\n"
                                    + body)
                    .answer(!method.equals("HEAD"));
        }
    }

    private String blob(String name) {
        String query = server.signer().query(ID, "cr", clock.wall(), Duration.ofMinutes(30));
        return "/containers/" + ID + "/" + name + "?" + query;
    }

    private static WatchedDisk.Before failing(String call, IOException fault) {
        return (made, _) -> {
            if (made.startsWith(call)) { // Also writeFully, which is a write.
                throw fault;
            }
            return true;
        };
    }

    /** Moves the clock by 4 s, in two probes, after which the server's word is {@code status}. */
    private Wire.Answer healthWithinFiveSeconds(int status) throws Exception {
        for (int i = 0; i < 2; i++) {
            clock.awaitWaiters(Rest.SLEEPERS);
            clock.advance(Health.PERIOD);
        }
        clock.awaitWaiters(Rest.SLEEPERS); // The second probe is over, too.
        Wire.Answer answer = ask("GET", "/healthcheck", "");
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer;
    }

    @Test
    void aFullDirectoryTurnsHealthBadWithinFiveSecondsAndGoodAgain() throws Exception {
        assertThat(ask("GET", "/healthcheck", "").text()).isEqualTo("Healthy");
        before = failing("write", new NoSpaceException(directory, null));
        assertThat(healthWithinFiveSeconds(503).text())
                .contains("the data directory cannot be written");
        before = GOOD;
        assertThat(healthWithinFiveSeconds(200).text()).isEqualTo("Healthy");
    }

    @Test
    void aReadOnlyDirectoryTurnsHealthBadWithinFiveSeconds() throws Exception {
        before = failing("open", new FileSystemException("=probe", null, "Read-only file system"));
        assertThat(healthWithinFiveSeconds(503).text()).contains("Read-only file system");
    }

    @Test
    void aDiskThatHangsTurnsHealthBadWithinFiveSeconds() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        before =
                (call, _) -> {
                    if (call.equals("sync")) {
                        reached.countDown();
                        released.await();
                    }
                    return true;
                };
        clock.awaitWaiters(Rest.SLEEPERS);
        clock.advance(Health.PERIOD);
        reached.await();
        clock.advance(Duration.ofSeconds(5).plusMillis(1));
        assertThat(ask("GET", "/healthcheck", "").text()).contains("has not answered for");
        released.countDown();
        before = GOOD;
        assertThat(healthWithinFiveSeconds(200).text()).isEqualTo("Healthy");
    }

    @Test
    void diskWithoutRoomForABlockOfDefaultSizeIsUnhealthyAndTheProbeTakesNoRoom() throws Exception {
        before = failing("allocate", new NoSpaceException(directory, null));
        assertThat(healthWithinFiveSeconds(503).text())
                .contains("has no room for", "a block of the default size");
        assertThat(directory.resolve("data/=probe")).doesNotExist();
        before = GOOD;
        assertThat(healthWithinFiveSeconds(200).text()).isEqualTo("Healthy");
    }

    @Test
    void fullDiskOnTheControlPlaneIsRefusedInItsOwnFormWithWords() throws IOException {
        before = failing("createDirectory", new NoSpaceException(directory, null));
        try (Wire wire = new Wire(server.uri())) {
            Wire.Answer answer =
                    wire.send(
                                    String.join(
                                            "\r\n",
                                            "POST /buffers?api-version=1.0 HTTP/1.1",
                                            "Host: localhost",
                                            "Content-Type: application/json",
                                            "Content-Length: 2",
                                            "",
                                            "{}"))
                            .answer(true);
            assertThat(Rest.message(answer, 507, "InsufficientStorage"))
                    .contains("disk of the server is full");
            assertThat(answer.header("x-ms-error-code")).isEmpty();
        }
    }

    @Test
    void storageFaultOnTheDataPlaneHasACodeAndASentence() throws IOException {
        before = failing("write", new NoSpaceException(directory, null));
        Wire.Answer answer = ask("PUT", blob("00/000"), "Hello");
        assertThat(answer.header("x-ms-error-code")).isEqualTo("InsufficientStorage");
        assertThat(Rest.message(answer, 507, "InsufficientStorage")).contains("free space");
    }

    /** The file of blob 00/000; the one it was staged in goes after the answer. */
    private Path stored() {
        return directory.resolve("data/containers/" + ID + "/00/000=");
    }

    @Test
    void damagedBlobIsAnsweredWithTheCodeOfDamage() throws IOException {
        assertThat(ask("PUT", blob("00/000"), "Hello").status()).isEqualTo(201);
        Path file = stored();
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        Wire.Answer answer = ask("GET", blob("00/000"), "");
        assertThat(Rest.message(answer, 409, "BlobDamaged")).contains("damaged on the server");
        assertThat(answer.header("x-ms-error-code")).isEqualTo("BlobDamaged");
    }

    @Test
    void bodyThatFailsAfterItsAnswerBeganIsCutOffAndTheNextAnswerSaysWhy() throws Exception {
        String body = "x".repeat(1 << 20);
        assertThat(ask("PUT", blob("00/000"), body).status()).isEqualTo(201);
        Path file = stored();
        byte[] whole = Files.readAllBytes(file);
        AtomicInteger reads = new AtomicInteger();
        before =
                (call, path) -> {
                    // Footer, metadata, a part of the body: then the answer has begun.
                    boolean inBody = call.equals("readFully") && reads.incrementAndGet() == 4;
                    if (inBody || call.equals("transferTo")) {
                        Files.write(file, Arrays.copyOf(whole, body.length() / 2));
                    }
                    return true;
                };
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(log);
        try {
            Wire.Answer cut = ask("GET", blob("00/000"), "");
            assertThat(cut.status()).isEqualTo(200);
            assertThat(cut.text().length()).isLessThan(body.length());
            Files.write(file, whole);
            Wire.Answer told = ask("GET", blob("00/000"), "");
            assertThat(Rest.message(told, 409, "BlobDamaged")).contains("damaged on the server");
        } finally {
            root.detachAppender(log);
        }
        assertThat(log.list).hasSize(1);
        assertThat(log.list.getFirst().getFormattedMessage())
                .contains("00/000", "is damaged at offset 524288", "expected a body of 1048576");
        before = GOOD;
        Files.write(file, whole);
        assertThat(ask("GET", blob("00/000"), "").text()).isEqualTo(body);
    }

    @Test
    void fullDiskIsOneWarningHoweverManyPutsAreRefused() throws IOException {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(log);
        try {
            before = failing("write", new NoSpaceException(directory, null));
            for (int i = 0; i < 20; i++) {
                assertThat(ask("PUT", blob("00/00" + i % 10), "Hello").status()).isEqualTo(507);
            }
        } finally {
            root.detachAppender(log);
        }
        assertThat(log.list).hasSize(1);
        assertThat(log.list.getFirst().getFormattedMessage()).contains("no space");
    }

    @Test
    void putWithoutMemoryForItsBodyWaitsAndIsThenRefusedAsBusy() throws Exception {
        MemoryBudget memory = MemoryBudget.ofProcess();
        long all = memory.total().bytes() - memory.claimed().bytes();
        assertThat(memory.claimFirst(all)).isTrue();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Wire.Answer> put = threads.submit(() -> ask("PUT", blob("00/000"), "Hello"));
            clock.awaitWaiters(Rest.SLEEPERS + 1);
            clock.advance(BudgetClaim.PATIENCE);
            Wire.Answer answer = put.get(120, TimeUnit.SECONDS);
            assertThat(Rest.message(answer, 503, "ServerBusy")).contains("out of memory");
        } finally {
            memory.release(all);
        }
        assertThat(ask("PUT", blob("00/000"), "Hello").status()).isEqualTo(201);
        server.close(); // It waits for the requests under way.
        assertThat(memory.claimed().bytes()).isZero();
    }

    @Test
    void aFullDiskIs507AndTheSameRequestSucceedsOnceThereIsRoom() throws IOException {
        before = failing("write", new NoSpaceException(directory, null));
        assertThat(ask("PUT", blob("00/000"), "Hello").status()).isEqualTo(507);
        assertThat(ask("GET", blob("00/000"), "").status()).isEqualTo(404);
        before = GOOD;
        assertThat(ask("PUT", blob("00/000"), "Hello").status()).isEqualTo(201);
        assertThat(ask("GET", blob("00/000"), "").text()).isEqualTo("Hello");
    }

    /** A whole request that puts one blob of no bytes. */
    private Wire.Answer batch() throws IOException {
        String target = blob("").replace("/?", "?comp=batch&");
        byte[] md5 = Base64.getDecoder().decode(Md5.OF_NOTHING.base64());
        String body = "FBBA\1\0x" + new String(md5, ISO_8859_1) + "\0\0\0\0\0\0";
        try (Wire wire = new Wire(server.uri())) {
            return wire.send(
                            "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                                    .formatted(target, BatchBody.TYPE, body.length(), body))
                    .answer(true);
        }
    }

    @Test
    void batchOnAFullDiskIs507AndSucceedsOnceThereIsRoom() throws IOException {
        before = failing("write", new NoSpaceException(directory, null));
        assertThat(batch().status()).isEqualTo(507);
        assertThat(ask("GET", blob("x"), "").status()).isEqualTo(404);
        before = GOOD;
        assertThat(batch().text()).isEqualTo("created\n");
        assertThat(ask("GET", blob("x"), "").status()).isEqualTo(200);
    }

    @Test
    void aFailedFileSyncIsNoAcknowledgementAndTheRetrySucceeds() throws IOException {
        before = failing("sync", new IOException("Input/output error"));
        assertThat(ask("PUT", blob("00/000"), "Hello").status()).isGreaterThanOrEqualTo(500);
        before = GOOD;
        assertThat(ask("GET", blob("00/000"), "").status()).isEqualTo(404);
        assertThat(ask("PUT", blob("00/000"), "Hello").status()).isEqualTo(201);
    }

    @Test
    void afterAFailedDirectorySyncTheContainerRefusesWritesUntilTheServerIsStartedAgain()
            throws IOException {
        before = failing("syncDirectory", new IOException("Input/output error"));
        assertThat(ask("PUT", blob("00/000"), "Hello").status()).isGreaterThanOrEqualTo(400);
        before = GOOD;
        Wire.Answer refused = ask("PUT", blob("00/001"), "Hello");
        assertThat(refused.status()).isEqualTo(409);
        server.close();
        start();
        assertThat(ask("PUT", blob("00/002"), "Hello").status()).isEqualTo(201);
    }

    /**
     * What came first once a PUT was sent: its answer, or the sync it depends on, which is held.
     */
    private enum First {
        SYNC,
        ANSWER
    }

    private record Course(First first, int putStatus, String seenByWaiting, int headStatus) {}

    /**
     * Puts a blob for which a reader waits, on a disk that holds the sync of the directory it was
     * linked into; a twin leaves that sync out.
     */
    private Course putWithASyncThatHangs(boolean twinLeavesItOut) throws Exception {
        CompletableFuture<First> first = new CompletableFuture<>();
        CountDownLatch released = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Wire.Answer> waiting =
                    threads.submit(() -> {
                        try (Wire wire = new Wire(server.uri())) {
                            return wire.send(
                                            "GET "
                                                    + blob("00/000")
                                                    + " HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=20\r\n\r\n")
                                    .answer(true);
                        }
                    });
            clock.awaitWaiters(Rest.SLEEPERS + 1); // There is a reader to be woken.
            before =
                    (call, path) -> {
                        if (call.equals("syncDirectory") && path.endsWith(ID + "/00")) {
                            if (twinLeavesItOut) {
                                return false;
                            }
                            first.complete(First.SYNC);
                            released.await();
                        }
                        return true;
                    };
            Future<Wire.Answer> put =
                    threads.submit(() -> {
                        Wire.Answer answer = ask("PUT", blob("00/000"), "Hello");
                        first.complete(First.ANSWER);
                        return answer;
                    });
            First came = first.get(120, TimeUnit.SECONDS);
            Future<Wire.Answer> head = threads.submit(() -> ask("HEAD", blob("00/000"), ""));
            boolean early = waiting.isDone() || head.isDone();
            released.countDown();
            before = GOOD;
            assertThat(early && !twinLeavesItOut).as("answered while the sync hung").isFalse();
            return new Course(
                    came,
                    put.get(120, TimeUnit.SECONDS).status(),
                    waiting.get(120, TimeUnit.SECONDS).text(),
                    head.get(120, TimeUnit.SECONDS).status());
        }
    }

    @Test
    void aPutIsAnsweredAndItsReaderWokenOnlyAfterTheSync() throws Exception {
        assertThat(putWithASyncThatHangs(false))
                .isEqualTo(new Course(First.SYNC, 201, "Hello", 200));
    }

    @Test
    void aTwinThatAcknowledgesAndWakesWithoutTheSyncIsCaught() throws Exception {
        assertThat(putWithASyncThatHangs(true).first()).isEqualTo(First.ANSWER);
    }
}
