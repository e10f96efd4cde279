package dev.forebay.stream;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.MemoryBudget;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.Wait;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A process of its own that writes or reads a buffer, first against a store, or an output, that
 * stands still until all the memory that may be taken is taken.
 */
final class BoundedTransfer {
    static final int BLOCK = 4 << 20;
    static final long TOTAL = 16L * BLOCK + 5;

    private final CountDownLatch full = new CountDownLatch(1);
    private long moved;

    private BoundedTransfer() {}

    /** Arguments: the directory of the store; {@code write} or {@code read}; the dop. */
    public static void main(String[] arguments) throws Exception {
        int dop = Integer.parseInt(arguments[2]);
        try (DirectoryContainers store =
                DirectoryContainers.open(Disk.system(), Clock.system(), Path.of(arguments[0]))) {
            store.create("abc");
            Container container = store.open("abc").orElseThrow();
            BoundedTransfer transfer = new BoundedTransfer();
            System.out.println(
                    switch (arguments[1]) {
                        case "write" -> transfer.write(container, dop);
                        default -> transfer.read(container, dop);
                    });
        }
    }

    private long write(Container container, int dop) {
        Container stalled =
                new SeenContainer(container) {
                    @Override
                    public PutResult put(
                            BlobName name,
                            List<ByteBuffer> body,
                            @Nullable Md5 expected,
                            Map<String, String> metadata) {
                        if (!name.equals(StartMarker.NAME)) {
                            await(full);
                        }
                        return super.put(name, body, expected, metadata);
                    }
                };
        long fitting = MemoryBudget.ofProcess().total().bytes() * 3 / 4 / BLOCK;
        long most = Math.min(TOTAL, Math.min(2L * dop, fitting) * BLOCK);
        ReadableByteChannel input =
                new Channel() {
                    @Override
                    public int read(ByteBuffer target) {
                        int length = (int) Math.min(target.remaining(), TOTAL - moved);
                        target.position(target.position() + length);
                        moved += length;
                        if (moved >= most) {
                            full.countDown();
                        }
                        return length == 0 ? -1 : length;
                    }
                };
        WriteOptions options =
                WriteOptions.defaults()
                        .withDop(dop)
                        .withBlockSize(ByteSize.of(BLOCK))
                        .withFlushInterval(Duration.ofHours(1));
        return new BufferWriter(stalled, options).write(input).bytes();
    }

    private long read(Container container, int dop) {
        long fitting = MemoryBudget.ofProcess().total().bytes() * 3 / 4 / BLOCK;
        CountDownLatch fetched = new CountDownLatch((int) Math.min(dop, fitting));
        Container counted =
                new SeenContainer(container) {
                    @Override
                    public Lookup get(BlobName name, Wait wait) {
                        Lookup answer = super.get(name, wait);
                        return answer instanceof Lookup.Found(OpenBlob blob)
                                        && !name.text().startsWith(".")
                                ? new Lookup.Found(new Told(blob, fetched))
                                : answer;
                    }
                };
        WritableByteChannel output =
                new Channel() {
                    @Override
                    public int write(ByteBuffer source) {
                        await(fetched);
                        int length = source.remaining();
                        source.position(source.limit());
                        return length;
                    }
                };
        return new BufferReader(counted, ReadOptions.defaults().withDop(dop)).read(output).bytes();
    }

    /** Tells when it is closed: its body has its memory then, or has found none. */
    private static final class Told extends SeenBlob {
        private final CountDownLatch closed;

        Told(OpenBlob inner, CountDownLatch closed) {
            super(inner);
            this.closed = closed;
        }

        @Override
        public void close() {
            super.close();
            closed.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** A channel that is always open, of which one direction is used. */
    private abstract static class Channel implements ReadableByteChannel, WritableByteChannel {
        @Override
        public int read(ByteBuffer target) {
            throw new AssertionError("this one is written to");
        }

        @Override
        public int write(ByteBuffer source) {
            throw new AssertionError("this one is read from");
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
