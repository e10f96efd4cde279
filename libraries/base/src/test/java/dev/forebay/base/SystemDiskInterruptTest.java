package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.forebay.base.Disk.Access;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No call of the disk is ended by an interrupt, and none clears the status. */
class SystemDiskInterruptTest {
    private static final Disk DISK = Disk.system();

    @TempDir Path temp;

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    @Test
    void everyCallOnAnInterruptedThreadTakesEffectAndKeepsTheStatus() {
        Thread.currentThread().interrupt();
        assertThatCode(this::everyCall).doesNotThrowAnyException();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void everyCallOnAnInterruptedVirtualThreadTakesEffect() throws Exception {
        BlockingQueue<Object> result = new LinkedBlockingQueue<>();
        Thread.startVirtualThread(() -> {
            Thread.currentThread().interrupt();
            try {
                everyCall();
                result.add(Thread.currentThread().isInterrupted());
            } catch (IOException | RuntimeException | Error e) {
                result.add(e);
            }
        });
        assertThat(result.poll(60, TimeUnit.SECONDS)).isEqualTo(true);
    }

    private void everyCall() throws IOException {
        Path path = temp.resolve("f");
        try (DiskFile file = DISK.open(path, Access.CREATE)) {
            file.writeFully(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            file.sync();
            file.allocate(0, 8192);
            file.truncate(8000);
            DiskMapping mapping = file.map(0, 8000);
            mapping.putLong(16, 7);
            mapping.force(0, 8000);
            mapping.warm(0, 8000, true);
            mapping.close();
            ByteArrayOutputStream target = new ByteArrayOutputStream();
            assertThat(file.transferTo(0, 9000, channelTo(target))).isEqualTo(8000);
            assertThat(target.toByteArray()).hasSize(8000).startsWith(1, 2, 3);
            assertThat(file.size()).isEqualTo(8000);
        }
        DISK.link(path, temp.resolve("g"));
        DISK.rename(temp.resolve("g"), temp.resolve("h"));
        DISK.syncDirectory(temp);
        DISK.syncAll(temp);
        assertThat(DISK.list(temp)).contains(temp.resolve("h"));
        try (Disk.AutoCloseableLock _ = DISK.lock(temp.resolve("lock"))) {
            DISK.delete(temp.resolve("h"));
        }
    }

    /** A channel that no interrupt closes, so that only the file's part of a transfer is seen. */
    private static WritableByteChannel channelTo(ByteArrayOutputStream target) {
        return new WritableByteChannel() {
            @Override
            public int write(ByteBuffer source) {
                int count = source.remaining();
                byte[] bytes = new byte[count];
                source.get(bytes);
                target.writeBytes(bytes);
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    /** The interrupts come while calls are under way, which a status set before does not show. */
    @Test
    void interruptsThatArriveDuringCallsCloseNoFile() throws Exception {
        Thread writer = Thread.currentThread();
        Thread interrupter =
                Thread.ofPlatform()
                        .start(() -> {
                            while (writer.isAlive() && !Thread.currentThread().isInterrupted()) {
                                writer.interrupt();
                                Thread.onSpinWait();
                            }
                        });
        try (DiskFile file = DISK.open(temp.resolve("f"), Access.CREATE)) {
            ByteBuffer block = ByteBuffer.allocate(4096);
            for (int i = 0; i < 2000; i++) {
                file.writeFully(block.clear(), i * 4096L);
            }
            for (int i = 0; i < 20; i++) {
                file.sync();
                file.map(0, 4096).close();
                DISK.syncDirectory(temp);
            }
            assertThatCode(() -> mapAndLock(file)).doesNotThrowAnyException();
            assertThat(file.size()).isEqualTo(2000 * 4096L);
        } finally {
            interrupter.interrupt();
            while (interrupter.isAlive()) {
                Thread.interrupted();
                Thread.onSpinWait();
            }
        }
    }

    /** Clears the status each time, so that the next interrupt comes in the middle of a call. */
    private void mapAndLock(DiskFile file) throws IOException {
        for (int i = 0; i < 500; i++) {
            Thread.interrupted();
            file.map(0, 4096).close();
            Thread.interrupted();
            DISK.lock(temp.resolve("lock")).close();
        }
    }
}
