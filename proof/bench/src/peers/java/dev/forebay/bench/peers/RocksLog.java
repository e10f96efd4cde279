package dev.forebay.bench.peers;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB as a log: a put under a rising key. The table in memory is large enough never to be
 * flushed, so only the write-ahead log is written. Reading back replays that log.
 */
final class RocksLog implements KeptLog {
    private final Options options =
            new Options().setCreateIfMissing(true).setWriteBufferSize(1L << 30);
    private final WriteOptions level;
    private final String path;
    private final AtomicLong next = new AtomicLong();
    private RocksDB database;

    RocksLog(Path directory, boolean synced) throws RocksDBException {
        path = directory.resolve("rocks").toString();
        level = new WriteOptions().setSync(synced);
        database = RocksDB.open(options, path);
    }

    private byte[] key() {
        return ByteBuffer.allocate(Long.BYTES).putLong(next.incrementAndGet()).array();
    }

    @Override
    public void append(byte[] record) throws RocksDBException {
        database.put(level, key(), record);
    }

    @Override
    public void append(List<byte[]> records) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch()) {
            for (byte[] record : records) {
                batch.put(key(), record);
            }
            database.write(level, batch);
        }
    }

    @Override
    public void readBack(Consumer<byte[]> each) throws RocksDBException {
        database.close();
        database = RocksDB.open(options, path);
        try (RocksIterator iterator = database.newIterator()) {
            for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
                each.accept(iterator.value());
            }
            iterator.status();
        }
    }

    @Override
    public void close() {
        database.close();
        level.close();
        options.close();
    }
}
