package dev.forebay.blob;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small blobs that are put together into a directory. */
class BatchTest {
    private static final List<String> FIRST = List.of("00/000", "00/001", "02/00/000");
    private static final List<String> SECOND = List.of("00/001", ".bufferend", "00/002", "00/000");

    static SmallBlob blob(String name, byte[] body, Map<String, String> metadata) {
        ByteBuffer bytes = ByteBuffer.wrap(body);
        return new SmallBlob(new BlobName(name), List.of(bytes), Md5.of(bytes), metadata);
    }

    /** Blobs with the bodies that {@link DirectoryCrashTest} gives the names. */
    static List<SmallBlob> batch(List<String> names) {
        return names.stream()
                .map(name -> blob(name, body(name).getBytes(UTF_8), Map.of("name", name)))
                .toList();
    }

    /** One in the crash test has a large body, which is not for a batch. */
    private static String body(String name) {
        String body = DirectoryCrashTest.body(name);
        return body.length() > SmallBlob.LARGEST ? "body of " + name : body;
    }

    private static Container fresh(Disk disk) throws IOException {
        DirectoryContainers store = DirectoryCrashTest.open(disk);
        store.create("abc");
        return store.open("abc").orElseThrow();
    }

    @Test
    void eachNameLeadsToItsOwnBlob() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        List<SmallBlob> blobs = new ArrayList<>();
        for (int i = 0; i < SmallBlob.MOST; i++) {
            byte[] body = new byte[i == 9 ? SmallBlob.LARGEST : i * 37];
            Arrays.fill(body, (byte) i);
            blobs.add(blob("00/%03X".formatted(i), body, Map.of("number", "" + i)));
        }
        DirectoryContainers store = DirectoryCrashTest.open(disk);
        store.create("abc");
        List<PutResult> results = store.open("abc").orElseThrow().putAll(blobs);
        assertThat(results).hasSize(SmallBlob.MOST).hasOnlyElementsOfType(PutResult.Created.class);
        assertThat(disk.list(DirectoryCrashTest.ROOT.resolve("abc").resolve(Staging.NAME)))
                .isEmpty();
        store.close();
        Container again = DirectoryCrashTest.open(disk).open("abc").orElseThrow();
        for (SmallBlob blob : blobs) {
            assertIsThere(again, blob);
        }
    }

    private static void assertIsThere(Container container, SmallBlob blob) throws IOException {
        byte[] body = blob.body().getFirst().array();
        BlobInfo info = container.head(blob.name()).orElseThrow();
        assertThat(info.md5()).isEqualTo(blob.md5());
        assertThat(info.size()).isEqualTo(body.length);
        assertThat(info.metadata()).isEqualTo(blob.metadata());
        if (!(container.get(blob.name(), Wait.NONE) instanceof Lookup.Found(OpenBlob found))) {
            throw new AssertionError(blob.name() + " is absent");
        }
        try (found) {
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            found.transferTo(Channels.newChannel(sent));
            assertThat(sent.toByteArray()).isEqualTo(body);
            ByteBuffer part = ByteBuffer.allocate(body.length / 2);
            found.readInto(body.length - part.capacity(), part.capacity(), () -> part);
            assertThat(part.flip())
                    .isEqualTo(
                            ByteBuffer.wrap(body, body.length - part.capacity(), part.capacity()));
        }
    }

    @Test
    void oneThatIsNotWhatWasAnnouncedIsLeftOut() throws Exception {
        Container container = fresh(new SimulatedDisk());
        DirectoryContainersTest.put(container, new BlobName("taken"), "before");
        SmallBlob changed =
                new SmallBlob(
                        new BlobName("changed"),
                        List.of(ByteBuffer.wrap(new byte[3])),
                        Md5.OF_NOTHING,
                        Map.of());
        List<SmallBlob> blobs = new ArrayList<>(batch(List.of("a", "taken")));
        blobs.add(changed);
        blobs.addAll(batch(List.of("b")));
        List<PutResult> results = container.putAll(blobs);
        assertThat(results.get(0)).isInstanceOf(PutResult.Created.class);
        assertThat(results.get(1)).isInstanceOf(PutResult.Exists.class);
        assertThat(results.get(2))
                .isEqualTo(
                        new PutResult.DigestMismatch(
                                Md5.OF_NOTHING, Md5.of(changed.body().getFirst())));
        assertThat(results.get(3)).isInstanceOf(PutResult.Created.class);
        assertThat(container.head(changed.name())).isEmpty();
        assertThat(DirectoryContainersTest.read(container, new BlobName("taken")))
                .isEqualTo("before");
        assertThat(container.putAll(List.of(changed))).containsExactly(results.get(2));
    }

    @Test
    void whatIsNoBatchIsRefused() throws Exception {
        Container container = fresh(new SimulatedDisk());
        List<SmallBlob> many = new ArrayList<>();
        for (int i = 0; i <= SmallBlob.MOST; i++) {
            many.add(blob("n" + i, new byte[0], Map.of()));
        }
        refused(container, many, "expected 1 to 64 blobs of 131072 bytes in all, found 65 of 0");
        refused(container, List.of(), "expected 1 to 64 blobs of 131072 bytes in all, found 0");
        many.clear();
        for (int i = 0; i < 9; i++) {
            many.add(blob("n" + i, new byte[SmallBlob.LARGEST], Map.of()));
        }
        refused(container, many, "found 9 of 147456");
        refused(container, batch(List.of("a", "b", "a")), "blob a is there twice");
        refused(
                container,
                List.of(blob("large", new byte[SmallBlob.LARGEST + 1], Map.of())),
                "blob large has 16385 bytes, at most 16384 are taken with others; put it alone");
        assertThat(container.head(new BlobName("a"))).isEmpty();
    }

    private static void refused(Container container, List<SmallBlob> blobs, String message) {
        assertThatThrownBy(() -> container.putAll(blobs))
                .isInstanceOfSatisfying(
                        ContainerException.class,
                        e -> assertThat(e.fault()).isEqualTo(Fault.BAD_REQUEST))
                .hasMessageContaining(message);
    }

    /** Puts two batches that overlap, noting each acknowledgement. */
    private static CrashMatrix.Work<String> puts() {
        return (disk, acks) -> {
            Container container = fresh(disk);
            container.putAll(batch(FIRST));
            FIRST.forEach(acks::add);
            container.putAll(batch(SECOND));
            SECOND.forEach(acks::add);
        };
    }

    /** Everything acknowledged is there, what is there is whole, and all can be put again. */
    private static void check(Disk disk, List<String> acks) throws IOException {
        Container container = fresh(disk);
        for (List<String> names : List.of(FIRST, SECOND)) {
            for (String name : names) {
                if (acks.contains(name)) {
                    assertThat(container.head(new BlobName(name))).as(name).isPresent();
                }
            }
            container.putAll(batch(names));
            for (String name : names) {
                assertThat(DirectoryContainersTest.read(container, new BlobName(name)))
                        .isEqualTo(body(name));
            }
        }
    }

    @Test
    void whatIsAcknowledgedSurvivesACrashAfterEveryCall() throws Exception {
        int images = CrashMatrix.randoms(3).run(puts(), BatchTest::check);
        assertThat(images).isGreaterThan(100);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {
                "CREATE",
                "CREATE_DIRECTORY",
                "WRITE",
                "SYNC",
                "LINK",
                "SYNC_DIRECTORY",
                "DELETE",
                "STAT"
            })
    void nothingAcknowledgedOrSeenIsLostWhateverCallFails(Kind kind) throws Exception {
        boolean failed = true;
        for (int nth = 1; failed; nth++) {
            assertThat(nth).isLessThan(40);
            SimulatedDisk disk = new SimulatedDisk();
            Container container = fresh(disk);
            disk.faults(Faults.failNth(nth, call -> call.kind() == kind));
            failed = false;
            List<String> acks = new ArrayList<>();
            for (List<String> names : List.of(FIRST, SECOND)) {
                try {
                    container.putAll(batch(names));
                    acks.addAll(names);
                } catch (ContainerException e) {
                    failed = true;
                }
            }
            disk.faults(Faults.NONE);
            for (String name : SECOND) {
                if (container.head(new BlobName(name)).isPresent()) {
                    acks.add(name);
                }
            }
            for (int seed = 0; seed < 4; seed++) {
                check(disk.crash(seed == 0 ? Survival.NOTHING : Survival.random(seed)), acks);
            }
        }
    }

    /**
     * The first meets a name that a held put is giving, between two that the second wants in the
     * other order.
     */
    @Test
    void twoBatchesOfTheSameNamesInAnotherOrderEnd() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        Container container = fresh(disk);
        CountDownLatch syncing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        disk.faults(call -> {
            if (call.kind() == Kind.SYNC_DIRECTORY && first.getAndSet(false)) {
                syncing.countDown();
                await(go);
            }
            return call.length();
        });
        FutureTask<PutResult> held =
                started(() -> DirectoryContainersTest.put(container, new BlobName("m"), "x"));
        await(syncing);
        FutureTask<List<PutResult>> one =
                waiting(() -> container.putAll(batch(List.of("a", "m", "b"))));
        FutureTask<List<PutResult>> other =
                waiting(() -> container.putAll(batch(List.of("b", "a"))));
        go.countDown();
        held.get(60, TimeUnit.SECONDS);
        assertThat(one).as("the first").succeedsWithin(Duration.ofSeconds(20));
        assertThat(other).as("the second").succeedsWithin(Duration.ofSeconds(20));
        List<PutResult> results = new ArrayList<>(one.get());
        results.addAll(other.get());
        assertThat(results.get(1)).isInstanceOf(PutResult.Exists.class);
        assertThat(results.stream().filter(PutResult.Created.class::isInstance)).hasSize(2);
    }

    /**
     * The batch is held at the call that the blow strikes until another put and a reader, which
     * want names of it, wait or are done.
     */
    @ParameterizedTest
    @EnumSource
    void whoWaitsForNamesOfABatchIsLetGoByABlowAtAnyCall(DirectoryMatrixTest.Blow blow)
            throws Exception {
        BlobName common = new BlobName(FIRST.get(1));
        boolean struck = true;
        for (int at = 1; struck; at++) {
            SimulatedDisk disk = new SimulatedDisk();
            Container container = fresh(disk);
            CountDownLatch reached = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            FutureTask<List<String>> batch =
                    new FutureTask<>(() -> {
                        try {
                            return acknowledged(container, FIRST);
                        } finally {
                            reached.countDown();
                        }
                    });
            Thread thread = Thread.ofPlatform().daemon().unstarted(batch);
            AtomicInteger calls = new AtomicInteger();
            int victim = at;
            disk.faults(call -> {
                if (Thread.currentThread().equals(thread) && calls.incrementAndGet() == victim) {
                    reached.countDown();
                    await(go);
                    blow.strike();
                }
                return call.length();
            });
            thread.start();
            await(reached);
            FutureTask<List<String>> other = waiting(() -> acknowledged(container, SECOND));
            FutureTask<Boolean> reader = waiting(() -> container.head(common).isPresent());
            go.countDown();
            List<String> acks = new ArrayList<>();
            FutureTask<List<String>> later = started(() -> acknowledged(container, SECOND));
            for (FutureTask<List<String>> put : List.of(batch, other, later)) {
                assertThat(put).as("blow at call %s", at).succeedsWithin(Duration.ofSeconds(20));
                acks.addAll(put.get());
            }
            assertThat(reader).as("blow at call %s", at).succeedsWithin(Duration.ofSeconds(20));
            if (reader.get()) {
                acks.add(common.text());
            }
            check(disk.crash(Survival.NOTHING), acks);
            struck = calls.get() >= at;
            assertThat(struck || at > 10).as("more than %s calls", at).isTrue();
        }
    }

    /** Puts a batch of these names, and returns them unless the blow ended it. */
    private static List<String> acknowledged(Container container, List<String> names) {
        try {
            container.putAll(batch(names));
            return names;
        } catch (RuntimeException | OutOfMemoryError e) {
            assertThat(e).hasStackTraceContaining("injected");
            return List.of();
        }
    }

    private static <T> FutureTask<T> started(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    /** Returns once the thread waits. */
    private static <T> FutureTask<T> waiting(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = Thread.ofPlatform().daemon().start(task);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (thread.getState() != Thread.State.WAITING && !task.isDone()) {
            assertThat(System.nanoTime() - end).as("the thread waits").isNegative();
            Thread.onSpinWait();
        }
        return task;
    }

    private static void await(CountDownLatch gate) throws IOException {
        try {
            assertThat(gate.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted at the gate", e);
        }
    }
}
