package dev.forebay.bench.datalog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the log writes, without the log: a block to one file and an entry to another for each
 * record, two new files a page, and a thread that syncs the files of a page that is full. For use
 * by one thread.
 */
final class PlainPages implements AutoCloseable {
    /** What a block has around its payload. */
    private static final int AROUND = 30;

    private static final int ENTRY = 32;

    private final Path folder;
    private final int perPage;
    private final ByteBuffer block;
    private final ByteBuffer entry = ByteBuffer.allocateDirect(ENTRY);
    private final ExecutorService syncs = Executors.newSingleThreadExecutor();
    private final List<Future<Boolean>> synced = new ArrayList<>();
    private FileChannel page;
    private FileChannel index;
    private int pages;

    PlainPages(Path folder, int bytes, int perPage) throws IOException {
        this.folder = folder;
        this.perPage = perPage;
        block = ByteBuffer.allocateDirect(bytes + AROUND);
        page = create("page");
        index = create("index");
    }

    private FileChannel create(String kind) throws IOException {
        return FileChannel.open(
                folder.resolve(pages + "." + kind),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE);
    }

    /** Writes record {@code i}. */
    void write(int i) throws IOException {
        if (i / perPage > pages) {
            complete();
            pages = i / perPage;
            page = create("page");
            index = create("index");
        }
        page.write(block.clear());
        index.write(entry.clear());
    }

    private void complete() {
        FileChannel full = page;
        FileChannel beside = index;
        synced.add(
                syncs.submit(() -> {
                    try (full;
                            beside) {
                        full.force(false);
                        beside.force(false);
                    }
                    return true;
                }));
    }

    /** Throws if a sync failed. */
    @Override
    public void close() throws InterruptedException, ExecutionException {
        complete();
        syncs.shutdown();
        for (Future<Boolean> each : synced) {
            each.get();
        }
    }
}
