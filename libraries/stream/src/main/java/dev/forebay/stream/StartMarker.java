package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.blob.BlobName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * The blob {@code .bufferstart}, written before any data: {@code
 * {"version":"0.3.0","writer":"..."}}. The nonce of the writer makes two markers differ, so that
 * two of our writers cannot both believe that they own a buffer; the reference's writers have none,
 * and its readers look at the version only.
 *
 * @param version of the format; exactly {@link #VERSION} can be read
 * @param writer a random word of the writer, or empty for a writer of the reference
 */
record StartMarker(String version, Optional<String> writer) {
    static final BlobName NAME = new BlobName(".bufferstart");
    static final String VERSION = "0.3.0";

    static StartMarker of(String nonce) {
        return new StartMarker(VERSION, Optional.of(nonce));
    }

    ByteBuffer body() {
        String text =
                writer.map(w -> "{\"version\":\"" + version + "\",\"writer\":\"" + w + "\"}")
                        .orElse("{\"version\":\"" + version + "\"}");
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads the body of a start marker, the position of which stays.
     *
     * @throws DamagedException if it is not a marker
     * @throws UnsupportedFormatException if its version is another
     */
    static StartMarker parse(ByteBuffer body) {
        Map<String, Object> fields = MarkerJson.parse(NAME.text(), body);
        if (!(fields.get("version") instanceof String version)) {
            throw new DamagedException(NAME + " names no version");
        }
        if (!version.equals(VERSION)) {
            throw new UnsupportedFormatException(version);
        }
        Optional<String> writer =
                fields.get("writer") instanceof String nonce
                        ? Optional.of(nonce)
                        : Optional.empty();
        return new StartMarker(version, writer);
    }
}
