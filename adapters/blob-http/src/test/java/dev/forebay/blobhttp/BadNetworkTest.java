package dev.forebay.blobhttp;

import static dev.forebay.blobhttp.DataPlane.NAME;
import static dev.forebay.blobhttp.DataPlane.SECRET;
import static dev.forebay.blobhttp.DataPlane.faultOf;
import static dev.forebay.blobhttp.DataPlane.faultOnceConnected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Durability;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import dev.forebay.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Servers that are away, too slow, too busy, or break off. */
class BadNetworkTest {
    private final DataPlane plane = new DataPlane();
    private final HttpContainer container = plane.container();

    @AfterEach
    void close() {
        container.close();
        plane.close();
    }

    @Test
    void nobodyThereIsUnavailable() throws IOException {
        // A port that is taken, so that nobody else gets it, and at which nobody listens.
        try (Socket taken = new Socket()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            AccessUrl url =
                    new AccessUrl(
                            "http://127.0.0.1:"
                                    + taken.getLocalPort()
                                    + "/containers/abc"
                                    + SECRET);
            try (HttpContainer nobody = new HttpContainer(AccessUrlSource.fixed(url))) {
                assertThat(faultOf(() -> nobody.head(NAME))).isEqualTo(Fault.UNAVAILABLE);
            }
        }
    }

    /** Some machines ask for minutes before they say that they do not know a name. */
    private static final HttpTimeouts SLOW_NAMES =
            new HttpTimeouts(Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(5));

    private static AccessUrl nowhere() {
        return new AccessUrl("http://no-such-host.invalid/containers/abc" + SECRET);
    }

    @Test
    void aHostWhoseNameIsNotKnownIsAFailureForGood() {
        try (HttpContainer lost =
                new HttpContainer(
                        AccessUrlSource.fixed(nowhere()), SLOW_NAMES, Durability.SYNCED)) {
            assertThatThrownBy(() -> lost.head(NAME))
                    .hasMessageContaining("no-such-host.invalid")
                    .hasMessageContaining("the name of the host is not known; check the URL");
            assertThat(faultOf(() -> lost.head(NAME))).isEqualTo(Fault.FAILED);
        }
    }

    @Test
    void aHostWhoseNameWasKnownBeforeMayBeKnownAgain() {
        plane.interference =
                exchange -> {
                    DataPlane.refuse(exchange, 403, "AuthenticationFailed", "");
                    return true;
                };
        AtomicInteger asked = new AtomicInteger();
        AccessUrlSource source =
                AccessUrlSource.asking(
                        () -> asked.getAndIncrement() == 0 ? plane.url(SECRET) : nowhere());
        try (HttpContainer moved = new HttpContainer(source, SLOW_NAMES, Durability.SYNCED)) {
            assertThat(faultOf(() -> moved.head(NAME))).isEqualTo(Fault.UNAVAILABLE);
        }
    }

    @Test
    void portZeroIsNoPort() {
        assertThatThrownBy(() -> new AccessUrl("http://127.0.0.1:0/containers/abc"))
                .hasMessage("the port of an access URL is 1 to 65535, not 0");
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
                        Duration.ofMinutes(5), Duration.ofMillis(100), Duration.ofMillis(100));
        try (HttpContainer impatient =
                new HttpContainer(
                        AccessUrlSource.fixed(plane.url(SECRET)), hasty, Durability.SYNCED)) {
            assertThat(faultOnceConnected(() -> impatient.head(NAME))).isEqualTo(Fault.TIMED_OUT);
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
                        Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMillis(100));
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

    @ParameterizedTest
    @CsvSource({
        "429,7,PT7S",
        "503,7,PT7S",
        "503,0,PT0S",
        "503,999999999,PT24H",
        "503,'Fri, 31 Dec 9999 23:59:59 GMT',PT24H",
        "503,'Wed, 31 Dec 1997 00:01:00 GMT',",
        "503,soon,",
        "503,-1,",
        "503,1.5,",
        "500,7,"
    })
    void aBusyServerMaySayHowLong(int status, String header, @Nullable Duration asked) {
        plane.interference =
                exchange -> {
                    exchange.getResponseHeaders().set("Retry-After", header);
                    DataPlane.refuse(exchange, status, "", "");
                    return true;
                };
        assertThatThrownBy(() -> container.head(NAME))
                .isInstanceOfSatisfying(
                        ContainerException.class,
                        e -> assertThat(e.retryAfter()).isEqualTo(Optional.ofNullable(asked)));
    }

    @Test
    void aWriterLeavesABusyServerAloneForAsLongAsItAsks() throws Exception {
        ManualClock clock = new ManualClock();
        AtomicInteger refused = new AtomicInteger();
        plane.interference =
                exchange -> {
                    boolean first =
                            exchange.getRequestMethod().equals("PUT")
                                    && refused.getAndIncrement() == 0;
                    if (first) {
                        exchange.getResponseHeaders().set("Retry-After", "7");
                        DataPlane.refuse(exchange, 503, "", "");
                    }
                    return first;
                };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            WriteOptions options =
                    WriteOptions.defaults().withFlushInterval(Duration.ZERO).withClock(clock);
            Future<?> write =
                    threads.submit(() ->
                            new BufferWriter(container, options)
                                    .write(
                                            Channels.newChannel(
                                                    new ByteArrayInputStream(new byte[10]))));
            clock.awaitWaiters(1);
            clock.advance(Duration.ofSeconds(7).minusNanos(1));
            clock.awaitWaiters(1);
            assertThat(refused).hasValue(1);
            clock.advance(Duration.ofNanos(1));
            write.get(5, TimeUnit.MINUTES);
        }
        assertThat(plane.container.names()).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource({"20,''", "2,64"})
    void aBufferGoesThroughWithBrokenAnswersOnTheWay(int blockKib, String batch) {
        Random random = new Random(5);
        plane.batch = batch;
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
        new BufferWriter(container, WriteOptions.defaults().withBlockSize(ByteSize.ofKiB(blockKib)))
                .write(Channels.newChannel(new ByteArrayInputStream(data)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new BufferReader(container, ReadOptions.defaults()).read(Channels.newChannel(out));
        assertThat(out.toByteArray()).isEqualTo(data);
        assertThat(plane.requests.stream().anyMatch(each -> each.startsWith("POST ")))
                .isEqualTo(!batch.isEmpty());
    }

    /** Passes bytes on both ways, and resets both sides after so many. */
    private RawServer.Handler cutAfter(IntSupplier bytes) {
        return client -> {
            AtomicInteger left = new AtomicInteger(bytes.getAsInt());
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), plane.port());
                    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<?> _ = threads.submit(() -> pass(server, client, left));
                pass(client, server, left);
            }
        };
    }

    private static Void pass(Socket from, Socket to, AtomicInteger left) throws IOException {
        byte[] piece = new byte[777];
        try (from;
                to) {
            int length = from.getInputStream().read(piece);
            while (length >= 0 && left.get() > 0) {
                to.getOutputStream().write(piece, 0, Math.min(length, left.getAndAdd(-length)));
                length = left.get() > 0 ? from.getInputStream().read(piece) : -1;
            }
            if (left.get() <= 0) {
                from.setSoLinger(true, 0);
                to.setSoLinger(true, 0);
            }
        }
        return null;
    }

    @ParameterizedTest
    @CsvSource({"1,10,''", "2,10,''", "3,1,16", "4,1,16"})
    @Timeout(600)
    void aBufferGoesThroughConnectionsThatAreResetAtAnyByte(long seed, int blockKib, String batch) {
        Random random = new Random(seed);
        plane.batch = batch;
        byte[] data = new byte[400_000];
        random.nextBytes(data);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (RawServer proxy = new RawServer(cutAfter(() -> 1 + random.nextInt(60_000)));
                HttpContainer far = new HttpContainer(AccessUrlSource.fixed(proxy.url()))) {
            WriteOptions small = WriteOptions.defaults().withBlockSize(ByteSize.ofKiB(blockKib));
            assertThatCode(
                            () -> {
                                new BufferWriter(far, small)
                                        .write(Channels.newChannel(new ByteArrayInputStream(data)));
                                new BufferReader(far, ReadOptions.defaults())
                                        .read(Channels.newChannel(out));
                            })
                    .doesNotThrowAnyException();
            assertThat(proxy.connections).hasValueGreaterThan(10);
        }
        assertThat(out.toByteArray()).isEqualTo(data);
        assertThat(plane.requests.stream().anyMatch(each -> each.startsWith("POST ")))
                .isEqualTo(!batch.isEmpty());
    }
}
