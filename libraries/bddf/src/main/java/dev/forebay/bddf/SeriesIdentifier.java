package dev.forebay.bddf;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;

/**
 * Names a series.
 *
 * @param seriesType the naming convention of {@code spec}, such as {@code bosdyn:channel}
 * @param spec the name, as pairs of key and value; unique in a file whatever the series type
 */
public record SeriesIdentifier(String seriesType, Map<String, String> spec) {
    /** Copies the spec. */
    public SeriesIdentifier {
        spec = Map.copyOf(spec);
    }

    /**
     * A 64-bit hash that names the series in indexes and structs: the first 8 bytes, big-endian, of
     * the SHA-1 of the series type and then of each key and its value, in the order of the keys'
     * UTF-8 bytes, without separators.
     *
     * @return the hash
     */
    public long hash() {
        MessageDigest sha1 = Sha1.create();
        sha1.update(seriesType.getBytes(StandardCharsets.UTF_8));
        spec.entrySet().stream()
                .map(entry -> new byte[][] {utf8(entry.getKey()), utf8(entry.getValue())})
                .sorted((a, b) -> Arrays.compareUnsigned(a[0], b[0]))
                .forEach(pair -> {
                    sha1.update(pair[0]);
                    sha1.update(pair[1]);
                });
        return ByteBuffer.wrap(sha1.digest()).getLong();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
