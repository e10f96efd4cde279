package dev.forebay.bench.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;

/**
 * The floor: length, CRC and payload go to one file; one thread syncs for all writers that wait,
 * and wakes them. No recovery, no segments, no adaptation.
 */
public final class FloorLog implements AutoCloseable {
    private final FileChannel file;
    private final long syncNanos;
    private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::run);
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(1 << 16);
    private List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
    private boolean closed;
    private long end;

    /** A floor whose syncs take at least {@code syncNanos}. */
    public FloorLog(Path path, long syncNanos) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        this.syncNanos = syncNanos;
        thread.start();
    }

    public void append(byte[] payload) throws IOException {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        CRC32C crc = new CRC32C();
        crc.update(payload);
        synchronized (this) {
            scratch.clear().putInt(payload.length).putInt((int) crc.getValue()).put(payload).flip();
            end += file.write(scratch, end);
            waiting.add(done);
            notifyAll();
        }
        done.join();
    }

    private void run() {
        try {
            while (true) {
                List<CompletableFuture<Boolean>> group;
                synchronized (this) {
                    while (waiting.isEmpty() && !closed) {
                        wait();
                    }
                    if (waiting.isEmpty()) {
                        return;
                    }
                    group = waiting;
                    waiting = new ArrayList<>();
                }
                long before = System.nanoTime();
                file.force(false);
                LockSupport.parkNanos(syncNanos - (System.nanoTime() - before));
                group.forEach(one -> one.complete(true));
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("the floor broke", e);
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        file.close();
    }
}
