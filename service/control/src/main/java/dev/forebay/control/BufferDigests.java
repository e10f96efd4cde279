package dev.forebay.control;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ForebayException;
import dev.forebay.blob.Container;
import dev.forebay.stream.BufferEnd;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.ReadOptions;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;

/**
 * The SHA-256 of what complete buffers hold.
 *
 * <p><b>Guarantee.</b> A buffer is read once for it, checked as for any reader, and the digest is
 * kept as long as the buffer is. One that is not complete, failed or cannot be read has none.
 *
 * <p><b>Limit.</b> The first question after a buffer reads all of it, on the thread of the caller;
 * one buffer is read at a time. Safe for use by many threads.
 */
final class BufferDigests {
    private static final int AT_A_TIME = 4;

    /** A digest in hexadecimal digits. */
    record Digest(long size, String sha256) {}

    private final Database database;
    private final Buffers buffers;
    private final ReadOptions options = ReadOptions.defaults().withDop(AT_A_TIME);
    private final ReentrantLock reading = new ReentrantLock();

    BufferDigests(Database database, Buffers buffers) {
        this.database = database;
        this.buffers = buffers;
    }

    /** That of a buffer, which is read now if it was not before. */
    Optional<Digest> of(String id) {
        Optional<Digest> known = known(id);
        if (known.isPresent() || completeSize(id).isEmpty()) {
            return known;
        }
        reading.lock();
        try {
            return known(id).or(() -> read(id));
        } finally {
            reading.unlock();
        }
    }

    /** That of a buffer if it has this size; others are not read. */
    Optional<Digest> ofSize(String id, long size) {
        return completeSize(id).filter(found -> found == size).flatMap(_ -> of(id));
    }

    /** Whether it is there and was written whole. */
    boolean isComplete(String id) {
        return completeSize(id).isPresent();
    }

    private Optional<Digest> known(String id) {
        return database.read(handle -> find(handle, id));
    }

    static Optional<Digest> find(Handle handle, String id) {
        return handle.createQuery("select size, sha256 from buffer_digests where buffer_id = :id")
                .bind("id", id)
                .map((found, context) -> new Digest(found.getLong(1), found.getString(2)))
                .findOne();
    }

    private Optional<Long> completeSize(String id) {
        try {
            return buffers.container(id)
                    .map(container -> BufferEnd.of(container, options))
                    .flatMap(end ->
                            end instanceof BufferEnd.Complete(var marker)
                                    ? Optional.of(marker.totalSize().orElse(-1))
                                    : Optional.empty());
        } catch (ForebayException e) {
            return Optional.empty(); // What cannot be read is not known; its reader will say why.
        }
    }

    @GuardedBy("reading")
    private Optional<Digest> read(String id) {
        Optional<Container> container = buffers.container(id);
        if (container.isEmpty()) {
            return Optional.empty();
        }
        Digesting bytes = new Digesting();
        try {
            long size = new BufferReader(container.get(), options).read(bytes).bytes();
            Digest digest = new Digest(size, HexFormat.of().formatHex(bytes.digest.digest()));
            store(id, digest);
            return Optional.of(digest);
        } catch (ForebayException e) {
            return Optional.empty(); // As above.
        }
    }

    /** Without effect on a buffer that is gone meanwhile. */
    private void store(String id, Digest digest) {
        int _ =
                database.write(handle ->
                        handle.createUpdate(
                                        """
                                        insert into buffer_digests (buffer_id, size, sha256)
                                        select b.id, cast(:size as bigint), cast(:sha256 as varchar(64))
                                        from buffers b where b.id = :id
                                            and not exists (select 1 from buffer_digests d
                                                where d.buffer_id = b.id)\
                                        """)
                                .bind("id", id)
                                .bind("size", digest.size())
                                .bind("sha256", digest.sha256())
                                .execute());
    }

    /** Takes bytes for their digest. */
    private static final class Digesting implements WritableByteChannel {
        private final MessageDigest digest = RunKey.sha256();

        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            digest.update(source);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
