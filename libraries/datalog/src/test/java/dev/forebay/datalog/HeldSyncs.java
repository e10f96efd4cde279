package dev.forebay.datalog;

import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Holds the first sync of a page until it is released, and counts the syncs of pages. */
final class HeldSyncs implements Faults {
    private final Path folder;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicInteger pages = new AtomicInteger();

    HeldSyncs(Path folder) {
        this.folder = folder;
    }

    @Override
    public long allow(DiskCall call) throws IOException {
        if (call.kind() == DiskCall.Kind.SYNC && call.path().startsWith(folder)) {
            if (call.path().toString().endsWith(".bddf")) {
                pages.incrementAndGet();
            }
            begun.countDown();
            await(go);
        }
        return call.length();
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new IOException("the test did not go on within a minute");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    void awaitFirst() throws IOException {
        await(begun);
    }

    void release() {
        go.countDown();
    }

    int syncsOfPages() {
        return pages.get();
    }
}
