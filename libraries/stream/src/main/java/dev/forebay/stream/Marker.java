package dev.forebay.stream;

import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.Md5;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What asking for a marker came to.
 *
 * @param info null if the marker is missing
 * @param body null if the marker is missing
 * @param waited whether the other side waited for a marker that is missing
 */
record Marker(@Nullable BlobInfo info, @Nullable ByteBuffer body, boolean waited) {
    static Marker missing(boolean waited) {
        return new Marker(null, null, waited);
    }

    static Marker of(BlobInfo info, ByteBuffer body) {
        return new Marker(info, body, false);
    }

    boolean isMissing() {
        return info == null;
    }

    /** Whether it is missing, or its body is the announced one. */
    boolean whole() {
        return info == null || body == null || Md5.of(body).equals(info.md5());
    }

    BlobInfo announced() {
        return Objects.requireNonNull(info);
    }

    ByteBuffer text() {
        return Objects.requireNonNull(body);
    }
}
