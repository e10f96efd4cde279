package dev.forebay.bench.peers;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/** H2's MVStore as a log: a put under a rising key, then a commit, then a sync if chosen. */
final class MvStoreLog implements KeptLog {
    private final String path;
    private final boolean synced;
    private final AtomicLong next = new AtomicLong();
    private MVStore store;
    private MVMap<Long, byte[]> map;

    MvStoreLog(Path directory, boolean synced) {
        path = directory.resolve("log.mv").toString();
        this.synced = synced;
        store = open();
        map = store.openMap("log");
    }

    private MVStore open() {
        return new MVStore.Builder().fileName(path).autoCommitDisabled().open();
    }

    @Override
    public void append(byte[] record) {
        map.put(next.incrementAndGet(), record);
        commit();
    }

    @Override
    public void append(List<byte[]> records) {
        records.forEach(record -> map.put(next.incrementAndGet(), record));
        commit();
    }

    private void commit() {
        store.commit();
        if (synced) {
            store.sync();
        }
    }

    @Override
    public void readBack(Consumer<byte[]> each) {
        store.close();
        store = open();
        map = store.openMap("log");
        map.cursor(null).forEachRemaining(key -> each.accept(map.get(key)));
    }

    @Override
    public void close() {
        store.close();
    }
}
