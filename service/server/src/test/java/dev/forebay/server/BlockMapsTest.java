package dev.forebay.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Md5;
import dev.forebay.control.BufferLayouts;
import dev.forebay.control.Database;
import dev.forebay.stream.HashChain;
import dev.forebay.testkit.ManualClock;
import dev.forebay.wire.data.BatchBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many blobs are asked for a part of a buffer whose blocks are uneven and do not say where they
 * begin, as other writers leave them.
 */
class BlockMapsTest {
    private static final String COMPLETE = "{\"status\":\"complete\"}";

    /** Of the first 12 288 blocks. */
    private static final List<String> FOLDERS = List.of("00", "01", "02/00");

    /** What happens before a file of a blob is opened. */
    private interface Before {
        void opens(String blob) throws InterruptedException;
    }

    @TempDir Path directory;
    private final ManualClock clock = new ManualClock();

    /** The blobs whose files were opened for reading. */
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    private volatile Before before = _ -> {};
    private ForebayServer server;
    private volatile String id = "";
    private String text = "";

    private final Disk disk =
            WatchedDisk.with((call, path) -> {
                String name = path.toString();
                int folder = id.isEmpty() ? -1 : name.indexOf(id);
                if (call.equals("open") && folder >= 0 && name.endsWith("=")) {
                    String blob = name.substring(folder + id.length() + 1);
                    if (!blob.startsWith("=")) {
                        asked.add(blob);
                        before.opens(blob);
                    }
                }
                return !call.startsWith("sync"); // Ten thousand of them take long.
            });

    @BeforeEach
    void start() throws IOException {
        server =
                ForebayServer.start(
                        ServerConfig.of(directory.resolve("data"), 0)
                                .withGrace(Duration.ofSeconds(30)),
                        disk,
                        clock,
                        new ParkedRequests());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void restart() throws IOException {
        stop();
        start();
        asked.clear();
    }

    private String create() throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            return Rest.id(
                    Rest.parsed(
                            wire.send(
                                            """
                                            POST /buffers?api-version=1.0 HTTP/1.1\r
                                            Host: localhost\r
                                            Content-Type: application/json\r
                                            Content-Length: 2\r
                                            \r
                                            {}\
                                            """)
                                    .answer(true)));
        }
    }

    /** A new buffer of uneven blocks, whose end marker is to come. */
    private void write(int blocks, int seed) throws IOException {
        id = create();
        int[] sizes = new Random(seed).ints(blocks, 1, 4).toArray();
        byte[] bytes = new byte[Arrays.stream(sizes).sum()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ('a' + (i * 31 + i / 26) % 26);
        }
        text = new String(bytes, ISO_8859_1);
        Container container = container();
        String chain = HashChain.START;
        int at = 0;
        for (int i = 0; i <= blocks; i++) {
            int size = i < blocks ? sizes[i] : 0;
            ByteBuffer body = ByteBuffer.wrap(bytes, at, size).slice();
            chain = HashChain.next(chain, Md5.of(body));
            container.put(
                    new BlobName(nameOf(i)), body, null, Map.of(HashChain.METADATA_KEY, chain));
            at += size;
        }
        asked.clear();
    }

    private static String nameOf(int block) {
        return "%s/%03X".formatted(FOLDERS.get(block >> 12), block & 0xFFF);
    }

    private Container container() {
        return server.containers().open(id).orElseThrow();
    }

    /** As it was before the server knew of layouts: it does not see this end marker come. */
    private void endUnseen() {
        container()
                .put(
                        new BlobName(".bufferend"),
                        ByteBuffer.wrap(COMPLETE.getBytes(ISO_8859_1)),
                        null,
                        Map.of());
    }

    private Wire.Answer send(String method, String path, String headers, String body)
            throws IOException {
        String query = server.signer().query(id, "cr", clock.wall(), Duration.ofHours(1));
        try (Wire wire = new Wire(server.uri())) {
            return wire.send(
                            "%s /containers/%s%s%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n%s"
                                    .formatted(
                                            method,
                                            id,
                                            path.isEmpty() ? "?comp=batch&" : "/" + path + "?",
                                            query,
                                            headers,
                                            body))
                    .answer(true);
        }
    }

    private Wire.Answer range(int from, int count) throws IOException {
        return send(
                "GET", "content", "Range: bytes=%d-%d\r\n".formatted(from, from + count - 1), "");
    }

    private void assertRange(int from, int count) throws IOException {
        Wire.Answer answer = range(from, count);
        assertThat(answer.status()).as(answer.text()).isEqualTo(206);
        assertThat(answer.text()).isEqualTo(text.substring(from, from + count));
        assertThat(answer.header("Content-Range"))
                .isEqualTo("bytes %d-%d/%d".formatted(from, from + count - 1, text.length()));
    }

    @Test
    void rangeAfterARestartAsksFewOfTenThousandBlobs() throws IOException {
        write(10_000, 1);
        endUnseen();
        assertRange(12_345, 10);
        assertThat(asked.size()).isGreaterThan(10_000);
        for (int from : new int[] {0, 9_876, text.length() - 10}) {
            restart();
            assertRange(from, 10);
            // The end marker twice, the last block, up to two from the sample on, the one before
            // the part, and up to eleven of the part.
            assertThat(asked.size()).as("blobs for 10 bytes from %d", from).isLessThanOrEqualTo(16);
        }
    }

    @Test
    void bufferThatEndsIsMeasuredBeforeItsFirstRange() throws Exception {
        assertMeasuredAfter(this::endByPut, this::endByBatch);
    }

    @Test
    void bufferThatEndsWithABatchIsMeasuredBeforeItsFirstRange() throws Exception {
        assertMeasuredAfter(this::endByBatch, this::endByPut);
    }

    private void endByPut() throws IOException {
        String length = "Content-Length: " + COMPLETE.length() + "\r\n";
        assertThat(send("PUT", ".bufferend", length, COMPLETE).status()).isEqualTo(201);
    }

    private void endByBatch() throws IOException {
        ByteBuffer end = ByteBuffer.wrap(COMPLETE.getBytes(ISO_8859_1));
        BatchBody.Blob blob =
                new BatchBody.Blob(
                        ".bufferend", Md5.of(end).base64(), Map.of(), List.of(end.duplicate()));
        StringBuilder body = new StringBuilder();
        BatchBody.encode(List.of(blob)).forEach(piece -> body.append(ISO_8859_1.decode(piece)));
        String headers =
                "Content-Type: %s\r\nContent-Length: %d\r\n"
                        .formatted(BatchBody.TYPE, body.length());
        assertThat(send("POST", "", headers, body.toString()).text()).isEqualTo("created\n");
    }

    private interface Ending {
        void end() throws IOException;
    }

    /**
     * Buffers are measured in the order in which they end. So another one that ends later, in the
     * other way, is not measured before the first was; or the first never is.
     */
    private void assertMeasuredAfter(Ending ending, Ending endingOfAnother) throws Exception {
        write(600, 1);
        String first = id;
        String content = text;
        ending.end();
        write(3, 2);
        CountDownLatch last = new CountDownLatch(1);
        before =
                blob -> {
                    if (blob.equals(nameOf(3) + "=")) {
                        last.countDown();
                    }
                };
        endingOfAnother.end();
        assertThat(last.await(60, TimeUnit.SECONDS)).as("the other one is measured").isTrue();
        id = first;
        text = content;
        restart();
        assertRange(700, 10);
        assertThat(asked.size()).isLessThanOrEqualTo(16);
    }

    @Test
    void requestsThatComeTogetherShareTheMeasuring() throws Exception {
        write(600, 1);
        endUnseen();
        int requests = 6;
        // Each asks for the end marker twice; none gets a block before all have.
        CountDownLatch came = new CountDownLatch(2 * requests);
        before =
                blob -> {
                    if (blob.startsWith(".bufferend")) {
                        came.countDown();
                    } else {
                        came.await();
                    }
                };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < requests; i++) {
                all.add(
                        threads.submit(() -> {
                            assertRange(700, 1);
                            return null;
                        }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        assertThat(asked.size()).isLessThanOrEqualTo(601 + requests * (2 + 4));
    }

    @Test
    void requestIsRefusedWhenItsTimeIsOverAndTheNextGoesOn() throws Exception {
        write(600, 1);
        endUnseen();
        before = blob -> clock.advance(blob.startsWith(".") ? Duration.ZERO : BlockMaps.PATIENCE);
        Wire.Answer busy = range(700, 10);
        assertThat(busy.status()).isEqualTo(503);
        assertThat(busy.header("Retry-After")).isEqualTo("10");
        assertThat(busy.header("x-ms-error-code")).isEqualTo("ServerBusy");
        assertThat(busy.text()).contains("being measured", "256 were asked", "repeat the request");
        before = _ -> {};
        assertRange(700, 10);
        assertThat(asked.size()).isLessThanOrEqualTo(601 + 2 * 8 + 16);
    }

    @Test
    void keptLayoutOfAnotherContentIsNotBelieved() throws IOException {
        write(300, 1);
        endUnseen();
        assertRange(100, 10);
        String first = id;
        write(300, 2);
        endUnseen();
        server.close();
        try (Database catalogue = Database.sqlite(directory.resolve("data/catalog.db"))) {
            BufferLayouts layouts = new BufferLayouts(catalogue);
            layouts.keep(id, layouts.find(first).orElseThrow());
        }
        start();
        asked.clear();
        assertRange(100, 10);
        assertThat(asked.size()).isGreaterThan(300);
        restart();
        assertRange(100, 10);
        assertThat(asked.size()).isLessThanOrEqualTo(16); // The true one has taken its place.
    }
}
