package dev.forebay.stream;

import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.SmallBlob;
import dev.forebay.blob.StagedBlob;
import dev.forebay.blob.Wait;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Another container, to be changed in one place. */
class SeenContainer implements Container {
    private final Container inner;

    SeenContainer(Container inner) {
        this.inner = inner;
    }

    @Override
    public StagedBlob stage(BlobName name) {
        return inner.stage(name);
    }

    @Override
    public PutResult put(
            BlobName name,
            List<ByteBuffer> body,
            @Nullable Md5 expected,
            Map<String, String> metadata) {
        return inner.put(name, body, expected, metadata);
    }

    @Override
    public int mostAtOnce() {
        return inner.mostAtOnce();
    }

    @Override
    public List<PutResult> putAll(List<SmallBlob> blobs) {
        return inner.putAll(blobs);
    }

    @Override
    public Optional<BlobInfo> head(BlobName name) {
        return inner.head(name);
    }

    @Override
    public Lookup get(BlobName name, Wait wait) {
        return inner.get(name, wait);
    }
}
