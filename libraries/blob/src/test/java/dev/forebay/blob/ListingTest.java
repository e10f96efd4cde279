package dev.forebay.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.testing.MemoryContainer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The names of a container in pages, and parts of bodies. */
class ListingTest {
    private static final List<String> NAMES =
            List.of(
                    ".bufferend",
                    ".bufferstart",
                    "00/000",
                    "00/001",
                    "00/FFF",
                    "01/000",
                    "02/00/000",
                    "02/01/FFF",
                    "a",
                    "a-b",
                    "a.b",
                    "a/b/c",
                    "a/b/d",
                    "a/c",
                    "ab/c",
                    "b");

    @TempDir Path temp;
    private DirectoryContainers store;
    private Container container;

    @BeforeEach
    void open() throws IOException {
        store = DirectoryContainers.open(Disk.system(), Clock.system(), temp.resolve("containers"));
        store.create("abc");
        container = store.open("abc").orElseThrow();
        for (String name : NAMES) {
            put(container, name, name);
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static void put(Container into, String name, String body) {
        ByteBuffer bytes = DirectoryContainersTest.bytes(body);
        into.put(new BlobName(name), bytes, null, Map.of());
    }

    /** All names, page by page, by the plain rule that the walk must follow. */
    private static List<String> expected(String prefix, boolean deep) {
        TreeSet<String> keys = new TreeSet<>();
        for (String name : NAMES) {
            if (name.startsWith(prefix)) {
                int slash = name.indexOf('/', prefix.length());
                keys.add(deep || slash < 0 ? name : name.substring(0, slash + 1));
            }
        }
        return List.copyOf(keys);
    }

    @Test
    void namesOfAnyPrefixComeInOrderAndOnceInPagesOfAnySize() {
        for (String prefix :
                List.of("", "0", "00", "00/", "00/0", "a", "a/", "a/b/", "a/b/c", "x")) {
            for (boolean deep : new boolean[] {true, false}) {
                for (int most : new int[] {1, 2, 3, 100}) {
                    List<String> found = new ArrayList<>();
                    List<String> page;
                    do {
                        String after = found.isEmpty() ? "" : found.getLast();
                        page = store.names("abc", new Listing(prefix, deep, after, most));
                        assertThat(page.size()).isLessThanOrEqualTo(most);
                        found.addAll(page);
                    } while (!page.isEmpty());
                    assertThat(found)
                            .as("prefix '%s', deep %s, pages of %d", prefix, deep, most)
                            .isEqualTo(expected(prefix, deep));
                }
            }
        }
    }

    @Test
    void missingContainerIsNotListed() {
        assertThatThrownBy(() -> store.names("missing", new Listing("", true, "", 1)))
                .isInstanceOfSatisfying(
                        ContainerException.class,
                        e ->
                                assertThat(e.fault())
                                        .isEqualTo(ContainerException.Fault.MISSING_CONTAINER));
    }

    @Test
    void partOfABodyIsReadFromDirectoriesAndFromOtherContainers() throws IOException {
        byte[] body = new byte[200_000];
        new Random(7).nextBytes(body);
        Container memory = new MemoryContainer(Clock.system());
        for (Container each : List.of(container, memory)) {
            each.put(new BlobName("x"), ByteBuffer.wrap(body), null, Map.of());
            for (int[] part :
                    new int[][] {
                        {0, 200_000}, {0, 1}, {199_999, 1}, {65_535, 2}, {70_000, 100_000}, {5, 0}
                    }) {
                ByteBuffer room = ByteBuffer.allocate(part[1]);
                if (each.get(new BlobName("x"), Wait.NONE) instanceof Lookup.Found(OpenBlob blob)) {
                    try (blob) {
                        blob.readInto(part[0], part[1], () -> room);
                    }
                }
                assertThat(room.flip())
                        .as("%d bytes from %d", part[1], part[0])
                        .isEqualTo(ByteBuffer.wrap(body, part[0], part[1]));
            }
        }
    }
}
