package dev.forebay.blobhttp;

import static dev.forebay.blobhttp.DataPlane.NAME;
import static dev.forebay.blobhttp.DataPlane.faultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import dev.forebay.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** URLs that expire while they are in use. */
class RenewalTest {
    private static final int REQUESTS = 20;

    private final DataPlane plane = new DataPlane();

    @AfterEach
    void close() {
        plane.close();
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

    /** Holds the answers to the first requests from now on until that many have come. */
    private void allMeet(int requests) {
        DataPlane.Interference answer = plane.interference;
        CountDownLatch met = new CountDownLatch(requests);
        plane.interference =
                exchange -> {
                    met.countDown();
                    try {
                        if (!met.await(5, TimeUnit.MINUTES)) {
                            throw new AssertionError(met.getCount() + " requests did not come");
                        }
                    } catch (InterruptedException e) {
                        throw new AssertionError("nothing interrupts an answer", e);
                    }
                    return answer.answers(exchange);
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
            allMeet(REQUESTS);
            List<Future<?>> heads = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
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
    @Timeout(300)
    void whoIsInterruptedWaitsForNobodyElsesUrl() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Access access =
                new Access(
                        AccessUrlSource.asking(() -> {
                            working.countDown();
                            try {
                                go.await();
                            } catch (InterruptedException e) {
                                throw new AssertionError("nobody interrupts this one", e);
                            }
                            return plane.url("?sig=1");
                        }));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<AccessUrl> first = threads.submit(access::current);
            working.await();
            Thread.currentThread().interrupt();
            assertThat(faultOf(access::current)).isEqualTo(Fault.CLOSED);
            assertThat(Thread.interrupted()).isTrue();
            go.countDown();
            assertThat(first.get()).isEqualTo(access.current());
        } finally {
            go.countDown();
        }
    }

    /**
     * What a container whose only access is a refused one in a file answers when its clock is moved
     * by hand.
     */
    private final class Waiting implements AutoCloseable {
        final ManualClock clock = new ManualClock();
        final Path file;
        final List<String> told = new CopyOnWriteArrayList<>();
        private final HttpContainer container;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

        /** The plane takes the second URL; the file holds the first. */
        Waiting(Path directory) throws IOException {
            expire(new AtomicInteger(2));
            file = directory.resolve("access");
            hold(1);
            container = new HttpContainer(AccessUrlSource.file(file, clock, told::add));
        }

        /** Puts the URL of this number into the file. */
        void hold(int number) throws IOException {
            Files.writeString(file, plane.url("?sig=" + number).secret());
        }

        Future<Optional<BlobInfo>> head() {
            return threads.submit(() -> container.head(NAME));
        }

        /** Lets it look so many times, a second from each other. */
        void look(int times) throws InterruptedException {
            for (int i = 0; i < times; i++) {
                clock.awaitWaiters(1);
                clock.advance(Duration.ofSeconds(1));
            }
        }

        @Override
        public void close() {
            threads.shutdownNow();
            threads.close();
            container.close();
        }
    }

    @Test
    void aFileThatStillHoldsTheRefusedUrlIsWaitedFor(@TempDir Path directory) throws Exception {
        try (Waiting waiting = new Waiting(directory)) {
            Future<Optional<BlobInfo>> head = waiting.head();
            waiting.look(100);
            Files.writeString(waiting.file, "http"); // Half of a URL: somebody is writing it.
            waiting.look(1);
            waiting.clock.awaitWaiters(1);
            waiting.hold(2);
            waiting.look(1);
            assertThat(head.get()).isEmpty();
            assertThat(waiting.told)
                    .hasSize(1)
                    .allSatisfy(said ->
                            assertThat(said)
                                    .contains(waiting.file.toString(), "300 s")
                                    .doesNotContain("sig="));
        }
    }

    @Test
    void afterFiveMinutesAFileWithoutAnotherUrlIsGivenUp(@TempDir Path directory) throws Exception {
        try (Waiting waiting = new Waiting(directory)) {
            Future<Optional<BlobInfo>> head = waiting.head();
            waiting.look(300);
            assertThatThrownBy(head::get)
                    .cause()
                    .hasMessageContaining("held no other; get a new one from the server")
                    .hasMessageNotContaining("sig=")
                    .isInstanceOfSatisfying(
                            ContainerException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.BAD_CREDENTIAL));
            assertThatThrownBy(waiting.head()::get).hasMessageContaining("held no other");
        }
    }

    @Test
    void whoIsInterruptedWaitsForNoFileAndSpoilsItForNobody(@TempDir Path directory)
            throws Exception {
        try (Waiting waiting = new Waiting(directory)) {
            Future<Optional<BlobInfo>> head = waiting.head();
            waiting.look(1);
            waiting.threads.shutdownNow();
            assertThatThrownBy(head::get).hasMessageContaining("interrupted while waiting");
            waiting.hold(2);
            assertThatCode(() -> assertThat(waiting.container.head(NAME)).isEmpty())
                    .doesNotThrowAnyException();
        }
    }
}
