package dev.forebay.server;

import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.StagedBlob;
import dev.forebay.blob.Wait;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A container whose digests are wrong for a while: those that are sent, or those that come with
 * what is read. Only blocks are touched, not markers.
 */
final class Tampered implements Container {
    private static final Md5 WRONG = new Md5("1B2M2Y8AsgTpgAmY7PhCfg==");

    private final Container inner;
    private final AtomicInteger puts;
    private final AtomicInteger gets;

    private Tampered(Container inner, int puts, int gets) {
        this.inner = inner;
        this.puts = new AtomicInteger(puts);
        this.gets = new AtomicInteger(gets);
    }

    /** The digests of the first {@code times} blocks that are put are wrong. */
    static Tampered onPut(Container inner, int times) {
        return new Tampered(inner, times, 0);
    }

    /** The digests of the first {@code times} blocks that are got are wrong. */
    static Tampered onGet(Container inner, int times) {
        return new Tampered(inner, 0, times);
    }

    private static boolean isNow(BlobName name, AtomicInteger left) {
        return !name.text().startsWith(".") && left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }

    @Override
    public StagedBlob stage(BlobName name) {
        StagedBlob staged = inner.stage(name);
        boolean tamper = isNow(name, puts);
        return new StagedBlob() {
            @Override
            public void write(ByteBuffer piece) {
                staged.write(piece);
            }

            @Override
            public PutResult commit(@Nullable Md5 expected, Map<String, String> metadata) {
                return staged.commit(tamper ? WRONG : expected, metadata);
            }

            @Override
            public void close() {
                staged.close();
            }
        };
    }

    @Override
    public Optional<BlobInfo> head(BlobName name) {
        return inner.head(name);
    }

    @Override
    public Lookup get(BlobName name, Wait wait) {
        return switch (inner.get(name, wait)) {
            case Lookup.Found(OpenBlob blob) when isNow(name, gets) ->
                    new Lookup.Found(new WrongDigest(blob));
            case Lookup other -> other;
        };
    }

    private record WrongDigest(OpenBlob inner) implements OpenBlob {
        @Override
        public BlobInfo info() {
            BlobInfo real = inner.info();
            return new BlobInfo(real.name(), real.size(), WRONG, real.metadata(), real.modified());
        }

        @Override
        public void transferTo(WritableByteChannel target) {
            inner.transferTo(target);
        }

        @Override
        public void readInto(Room room) {
            inner.readInto(room);
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
