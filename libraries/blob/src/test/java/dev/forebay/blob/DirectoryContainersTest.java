package dev.forebay.blob;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.Durability;
import dev.forebay.base.LockedException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.testkit.ForwardingDisk;
import dev.forebay.testkit.ForwardingFile;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The store on the machine's own disk. */
class DirectoryContainersTest {
    private static final BlobName NAME = new BlobName("00/000");
    private static final BlobName END = new BlobName(".bufferend");

    @TempDir Path temp;
    private DirectoryContainers store;
    private Container container;

    @BeforeEach
    void open() throws IOException {
        store = DirectoryContainers.open(Disk.system(), Clock.system(), temp.resolve("containers"));
        store.create("abc");
        container = store.open("abc").orElseThrow();
    }

    @AfterEach
    void close() {
        store.close();
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    /** What was lent may change until its digest is needed, which shows when that is. */
    private static PutResult putWithAChange(Path root, int size) throws IOException {
        ByteBuffer body = ByteBuffer.allocate(size);
        Md5 changed = Md5.of(ByteBuffer.allocate(size).put(0, (byte) 1));
        Disk disk =
                new ForwardingDisk(new SimulatedDisk()) {
                    @Override
                    public DiskFile open(Path path, Access access) throws IOException {
                        return new ForwardingFile(super.open(path, access)) {
                            @Override
                            public void sync() throws IOException {
                                super.sync();
                                body.put(0, (byte) 1);
                            }
                        };
                    }
                };
        try (DirectoryContainers store = DirectoryContainers.open(disk, Clock.system(), root)) {
            store.create("abc");
            try (StagedBlob staged = store.open("abc").orElseThrow().stage(new BlobName("name"))) {
                staged.lend(body.duplicate());
                return staged.commit(changed, Map.of());
            }
        }
    }

    @Test
    void theDigestOfALargeBodyIsMadeOnceItsBytesAreOnTheDevice() throws IOException {
        assertThat(putWithAChange(DirectoryCrashTest.ROOT, (16 << 10) + 1))
                .isInstanceOf(PutResult.Created.class);
        assertThat(putWithAChange(DirectoryCrashTest.ROOT, 16 << 10))
                .as("a small body is written with its end")
                .isInstanceOf(PutResult.DigestMismatch.class);
    }

    /** Announces the digest of a large body, so that its file is synced before it is digested. */
    static PutResult put(Container container, BlobName name, String text) {
        Md5 announced = text.length() > 16 << 10 ? Md5.of(bytes(text)) : null;
        return container.put(name, bytes(text), announced, Map.of());
    }

    static String read(Container container, BlobName name) {
        return switch (container.get(name, Wait.NONE)) {
            case Lookup.Absent absent -> throw new AssertionError(name + " is absent: " + absent);
            case Lookup.Found(OpenBlob blob) -> {
                try (blob) {
                    ByteBuffer target = ByteBuffer.allocate((int) blob.info().size());
                    blob.readInto(target);
                    yield new String(target.array(), UTF_8);
                }
            }
        };
    }

    @Test
    void whatIsPutIsFoundWithItsMetadata() {
        PutResult result =
                container.put(
                        NAME,
                        bytes("Hello"),
                        new Md5("ixqZU8RhEpaoJ6v4xHgE1w=="),
                        Map.of("chain", "x"));
        assertThat(result).isInstanceOf(PutResult.Created.class);
        BlobInfo info = container.head(NAME).orElseThrow();
        assertThat(result).isEqualTo(new PutResult.Created(info, Durability.SYNCED));
        assertThat(info.size()).isEqualTo(5);
        assertThat(info.md5()).isEqualTo(new Md5("ixqZU8RhEpaoJ6v4xHgE1w=="));
        assertThat(info.metadata()).isEqualTo(Map.of("chain", "x"));
        assertThat(read(container, NAME)).isEqualTo("Hello");
    }

    @Test
    void aBodyGoesToAChannelWhole() {
        put(container, NAME, "0123456789".repeat(100_000));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OpenBlob blob = ((Lookup.Found) container.get(NAME, Wait.NONE)).blob()) {
            blob.transferTo(Channels.newChannel(out));
        }
        assertThat(out.toString(UTF_8)).isEqualTo("0123456789".repeat(100_000));
    }

    @Test
    void anEmptyBlobIsABlob() {
        put(container, NAME, "");
        assertThat(container.head(NAME).orElseThrow().md5()).isEqualTo(Md5.OF_NOTHING);
        assertThat(read(container, NAME)).isEmpty();
    }

    @Test
    void aSecondPutOfTheSameNameChangesNothing() {
        put(container, NAME, "first");
        assertThat(put(container, NAME, "second"))
                .isEqualTo(new PutResult.Exists(Durability.SYNCED));
        assertThat(read(container, NAME)).isEqualTo("first");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, (16 << 10) + 1})
    void aWrongDigestCreatesNothing(int size) throws IOException {
        assertThat(container.put(NAME, bytes("x".repeat(size)), Md5.OF_NOTHING, Map.of()))
                .isInstanceOf(PutResult.DigestMismatch.class);
        assertThat(container.head(NAME)).isEmpty();
        try (var left = Files.list(temp.resolve("containers/abc/=staging"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aBlobMayHaveTheNameOfAFolder() {
        put(container, new BlobName("a/b/c"), "deep");
        put(container, new BlobName("a/b"), "middle");
        put(container, new BlobName("a"), "top");
        assertThat(read(container, new BlobName("a/b/c"))).isEqualTo("deep");
        assertThat(read(container, new BlobName("a/b"))).isEqualTo("middle");
        assertThat(read(container, new BlobName("a"))).isEqualTo("top");
    }

    @Test
    void ofManyPutsOfOneNameExactlyOneCreates() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 50; round++) {
                BlobName name = new BlobName("race/" + round);
                List<Future<PutResult>> puts = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    String text = "writer " + i;
                    puts.add(threads.submit(() -> put(container, name, text)));
                }
                int created = 0;
                for (Future<PutResult> put : puts) {
                    created += put.get() instanceof PutResult.Created ? 1 : 0;
                }
                assertThat(created).isEqualTo(1);
                assertThat(read(container, name)).startsWith("writer ");
            }
        }
    }

    @Test
    void aWaitingReaderIsWokenByItsBlobByTheEndByDeletionAndByClosing() throws Exception {
        ManualClock clock = new ManualClock();
        try (DirectoryContainers waited =
                        DirectoryContainers.open(Disk.system(), clock, temp.resolve("waited"));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Wait wait = Wait.upTo(Duration.ofSeconds(20), END);
            for (String id : List.of("blob", "end", "deleted", "expired", "closed")) {
                waited.create(id);
            }
            Container blob = waited.open("blob").orElseThrow();
            Future<Lookup> byBlob = threads.submit(() -> blob.get(NAME, wait));
            clock.awaitWaiters(1);
            put(blob, new BlobName("00/001"), "another");
            assertThat(byBlob).isNotDone();
            put(blob, NAME, "x");
            ((Lookup.Found) byBlob.get(60, TimeUnit.SECONDS)).blob().close();

            Container end = waited.open("end").orElseThrow();
            Future<Lookup> byEnd = threads.submit(() -> end.get(NAME, wait));
            clock.awaitWaiters(1);
            put(end, END, "{}");
            assertThat(byEnd.get(60, TimeUnit.SECONDS)).isEqualTo(new Lookup.Absent(true));

            Container deleted = waited.open("deleted").orElseThrow();
            Future<Lookup> byDeletion = threads.submit(() -> deleted.get(NAME, wait));
            clock.awaitWaiters(1);
            waited.setAside("deleted");
            assertThatThrownBy(() -> byDeletion.get(60, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            ContainerException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.MISSING_CONTAINER));

            Container expired = waited.open("expired").orElseThrow();
            Future<Lookup> byTime = threads.submit(() -> expired.get(NAME, wait));
            clock.awaitWaiters(1);
            clock.advance(Duration.ofSeconds(20));
            assertThat(byTime.get(60, TimeUnit.SECONDS)).isEqualTo(new Lookup.Absent(true));

            Container closed = waited.open("closed").orElseThrow();
            Future<Lookup> byClosing = threads.submit(() -> closed.get(NAME, wait));
            clock.awaitWaiters(1);
            waited.close();
            assertThatThrownBy(() -> byClosing.get(60, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            ContainerException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.CLOSED));
        }
    }

    @Test
    void noWakeUpIsLostHoweverPutAndGetMeet() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 300; i++) {
                BlobName name = new BlobName("meet/" + i);
                Future<Lookup> get =
                        threads.submit(
                                () -> container.get(name, Wait.upTo(Duration.ofMinutes(5), END)));
                put(container, name, "x");
                ((Lookup.Found) get.get(60, TimeUnit.SECONDS)).blob().close();
            }
        }
    }

    @Test
    void aContainerSetAsideIsGoneForEverybody() {
        put(container, NAME, "x");
        StagedBlob late = container.stage(new BlobName("late"));
        assertThat(store.setAside("abc")).isTrue();
        assertThat(store.setAside("abc")).isFalse();
        assertThat(store.open("abc")).isEmpty();
        assertThat(store.list()).isEmpty();
        assertThatThrownBy(() -> container.head(NAME))
                .hasMessageContaining("there is no container abc");
        assertThatThrownBy(() -> late.commit(null, Map.of()))
                .hasMessageContaining("there is no container abc");
        late.close();
        store.removeSetAside();
        store.create("abc");
        assertThat(store.open("abc").orElseThrow().head(NAME)).isEmpty();
    }

    @Test
    void aBodyIsTheSameInWhateverPiecesItCame() {
        String whole = "0123456789abcdef".repeat(3000);
        for (int size : new int[] {0, 1, 1024, 16 << 10, (16 << 10) + 1, 48_000}) {
            for (int piece : new int[] {7, 1000, 16 << 10, 20_000}) {
                BlobName name = new BlobName("size%d/piece%d".formatted(size, piece));
                String body = whole.substring(0, size);
                try (StagedBlob staged = container.stage(name)) {
                    for (int at = 0; at < size; at += piece) {
                        ByteBuffer next = bytes(body.substring(at, Math.min(size, at + piece)));
                        staged.write(next);
                        assertThat(next.hasRemaining()).isFalse();
                    }
                    assertThat(staged.commit(null, Map.of())).isInstanceOf(PutResult.Created.class);
                }
                assertThat(read(container, name)).isEqualTo(body);
            }
        }
    }

    @Test
    void aBodyLargerThanAllowedIsRefusedWhileItIsStagedAndWhatIsThereIsServed() throws IOException {
        put(container, NAME, "12345");
        store.close();
        store =
                DirectoryContainers.open(
                        Disk.system(), Clock.system(), temp.resolve("containers"), ByteSize.of(4));
        Container limited = store.open("abc").orElseThrow();
        assertThat(read(limited, NAME)).isEqualTo("12345");
        assertThat(put(limited, new BlobName("fits"), "1234"))
                .isInstanceOf(PutResult.Created.class);
        BlobName late = new BlobName("late");
        try (StagedBlob staged = limited.stage(late)) {
            staged.write(bytes("123"));
            assertThatThrownBy(() -> staged.write(bytes("45")))
                    .isInstanceOfSatisfying(
                            ContainerException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.BAD_REQUEST))
                    .hasMessage(
                            "blob late has 5 bytes or more, at most 4 are taken; use a smaller"
                                    + " block size");
        }
        assertThat(limited.head(late)).isEmpty();
        try (var left = Files.list(temp.resolve("containers/abc/=staging"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void manyMayRemoveWhatWasSetAsideAtOnce() throws Exception {
        for (int i = 0; i < 10; i++) {
            store.create("gone" + i);
            put(store.open("gone" + i).orElseThrow(), NAME, "x");
            store.setAside("gone" + i);
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> removals = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                removals.add(threads.submit(() -> store.removeSetAside()));
            }
            for (Future<?> removal : removals) {
                removal.get(60, TimeUnit.SECONDS);
            }
        }
        try (var left = Files.list(temp.resolve("containers"))) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("=lock", "=in-use", "abc");
        }
    }

    /** A disk that notes which directories are listed. */
    private static final class ListedDirectories extends ForwardingDisk {
        private final List<Path> listed = new ArrayList<>();

        ListedDirectories() {
            super(new SimulatedDisk());
        }

        @Override
        public List<Path> list(Path directory) throws IOException {
            listed.add(directory);
            return super.list(directory);
        }
    }

    @Test
    void onlyTheFirstRemovalLooksThroughAllContainers() throws IOException {
        ListedDirectories disk = new ListedDirectories();
        Path root = DirectoryCrashTest.ROOT;
        try (DirectoryContainers first = DirectoryContainers.open(disk, Clock.system(), root)) {
            first.create("left");
            first.setAside("left"); // By an owner that ends before it deletes the files.
        }
        try (DirectoryContainers next = DirectoryContainers.open(disk, Clock.system(), root)) {
            disk.listed.clear();
            next.removeSetAside();
            assertThat(disk.listed).containsOnlyOnce(root);
            for (int i = 0; i < 3; i++) {
                next.create("abc");
                next.setAside("abc");
                next.removeSetAside();
            }
            assertThat(disk.listed).containsOnlyOnce(root);
            assertThat(disk.list(root))
                    .noneMatch(path -> path.getFileName().toString().startsWith("=removed"));
        }
    }

    @Test
    void aRemovalThatIsEndedLeavesTheRestToTheNext() throws IOException {
        for (int i = 0; i < 5; i++) {
            put(container, new BlobName("blob" + i), "x");
        }
        store.setAside("abc");
        AtomicInteger asked = new AtomicInteger();
        store.removeSetAside(() -> asked.incrementAndGet() > 5);
        assertThat(asked).hasValue(6);
        assertThat(names()).anyMatch(name -> name.startsWith("=removed"));
        store.removeSetAside();
        assertThat(names()).containsExactlyInAnyOrder("=lock", "=in-use");
    }

    private List<String> names() throws IOException {
        try (var left = Files.list(temp.resolve("containers"))) {
            return left.map(path -> path.getFileName().toString()).toList();
        }
    }

    @Test
    void aVisitorEndsTheListing() {
        store.create("another");
        List<String> seen = new ArrayList<>();
        assertThat(
                        store.visit(id -> {
                            seen.add(id);
                            return false;
                        }))
                .isFalse();
        assertThat(seen).hasSize(1);
        assertThat(store.visit(seen::add)).isTrue();
        assertThat(seen).hasSize(3).contains("abc", "another");
    }

    @Test
    void aSecondOwnerIsRefusedByName() {
        assertThatThrownBy(() ->
                        DirectoryContainers.open(
                                Disk.system(), Clock.system(), temp.resolve("containers")))
                .isInstanceOf(LockedException.class)
                .hasMessageContaining("process " + ProcessHandle.current().pid());
    }

    @Test
    void whatWasPutIsThereAfterReopening() throws IOException {
        put(container, NAME, "kept");
        store.close();
        store = DirectoryContainers.open(Disk.system(), Clock.system(), temp.resolve("containers"));
        assertThat(store.list()).containsExactly("abc");
        assertThat(read(store.open("abc").orElseThrow(), NAME)).isEqualTo("kept");
        assertThat(store.create("abc")).isFalse();
    }

    @Test
    void everyBrokenFileIsReportedAndLeftAlone() throws IOException {
        container.put(NAME, bytes("body"), null, Map.of("name", "value"));
        Path file = temp.resolve("containers/abc/00/000=");
        byte[] whole = Files.readAllBytes(file);
        List<byte[]> corpus = new ArrayList<>();
        for (int length = 0; length < whole.length; length++) {
            corpus.add(java.util.Arrays.copyOf(whole, length));
        }
        corpus.add(java.util.Arrays.copyOf(whole, whole.length + 1));
        for (int at = 4; at < whole.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] flipped = whole.clone();
                flipped[at] ^= (byte) (1 << bit);
                corpus.add(flipped);
            }
        }
        for (byte[] broken : corpus) {
            Files.write(file, broken);
            assertThatThrownBy(() -> container.head(NAME))
                    .isInstanceOfSatisfying(
                            ContainerException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.DAMAGED));
            assertThat(Files.readAllBytes(file)).isEqualTo(broken);
        }
    }
}
