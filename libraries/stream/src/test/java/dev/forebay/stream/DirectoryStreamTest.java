package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.Container;
import dev.forebay.blob.DirectoryContainers;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writer and reader on a real directory, without a server. */
class DirectoryStreamTest {
    private static Container container(DirectoryContainers store, String id) {
        assertThat(store.create(id)).isTrue();
        return store.open(id).orElseThrow();
    }

    @Test
    void whatIsWrittenIsReadAgainAfterReopening(@TempDir Path directory) throws Exception {
        byte[] bytes = Streams.random(12, 50_500);
        Path root = directory.resolve("containers");
        try (DirectoryContainers store =
                        DirectoryContainers.open(Disk.system(), Clock.system(), root);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Container container = container(store, "abc");
            Future<byte[]> following = threads.submit(() -> Streams.read(container));
            Streams.write(container, bytes);
            assertThat(following.get()).isEqualTo(bytes);
        }
        try (DirectoryContainers store =
                DirectoryContainers.open(Disk.system(), Clock.system(), root)) {
            assertThat(Streams.read(store.open("abc").orElseThrow())).isEqualTo(bytes);
        }
    }

    @Test
    void aWriteThatIsInterruptedLeavesItsMarkerAndAContainerThatWorks(@TempDir Path directory)
            throws Exception {
        try (DirectoryContainers store =
                        DirectoryContainers.open(
                                Disk.system(), Clock.system(), directory.resolve("containers"));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Container container = container(store, "abc");
            HeldInput input = new HeldInput();
            input.give(Streams.random(1, 20_000));
            Future<?> write =
                    threads.submit(
                            () -> new BufferWriter(container, Streams.withoutHurry()).write(input));
            input.awaitIdle();
            Future<byte[]> following = threads.submit(() -> Streams.read(container));
            write.cancel(true);
            assertThatThrownBy(following::get).hasCauseInstanceOf(BufferFailedException.class);
        }
    }
}
