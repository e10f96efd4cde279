package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;

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
    private volatile boolean expired;

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

    private void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                expired = true;
                throw new IOException("the test did not go on within a minute");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    void awaitFirst() throws IOException {
        await(begun);
    }

    /** Fails if a sync was held for so long that it went on by itself. */
    void release() {
        go.countDown();
        assertThat(expired).as("a sync was held until its time was over").isFalse();
    }

    int syncsOfPages() {
        return pages.get();
    }
}
