package dev.forebay.stream;

import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.OpenBlob;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Optional;

/** Another blob, to be changed in one place. */
class SeenBlob implements OpenBlob {
    private final OpenBlob inner;

    SeenBlob(OpenBlob inner) {
        this.inner = inner;
    }

    @Override
    public BlobInfo info() {
        return inner.info();
    }

    @Override
    public Optional<Duration> held() {
        return inner.held();
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
