package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.blob.BlobName;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The blob {@code .bufferend}, written last, at most 4096 bytes of JSON:
 *
 * <pre>
 * {"status":"complete","isComplete":true,"blobCount":3,"blobSize":4194304,"totalSize":9000000,
 *  "failed":false,"hashChain":"..."}
 * {"status":"failed","isComplete":false,"failed":true}
 * </pre>
 *
 * The reference writes and reads {@code status} alone; every other field may be absent.
 *
 * @param status {@code complete}, {@code failed}, or a word of a newer writer, taken for complete
 * @param blobCount data blobs, without the empty one at the end
 * @param blobSize bytes of every data blob but the last, which is not larger; present when that is
 *     so
 * @param totalSize bytes of all data blobs
 * @param hashChain the chain's value of the empty blob
 */
public record EndMarker(
        String status,
        OptionalLong blobCount,
        OptionalLong blobSize,
        OptionalLong totalSize,
        Optional<String> hashChain) {
    public static final BlobName NAME = new BlobName(".bufferend");

    private static final String COMPLETE = "complete";
    private static final String FAILED = "failed";

    static EndMarker complete(
            long blobCount, OptionalLong blobSize, long totalSize, String hashChain) {
        return new EndMarker(
                COMPLETE,
                OptionalLong.of(blobCount),
                blobSize,
                OptionalLong.of(totalSize),
                Optional.of(hashChain));
    }

    static EndMarker ofFailure() {
        return new EndMarker(
                FAILED,
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.empty());
    }

    /**
     * Whether the writer gave up, so that the buffer is not complete.
     *
     * @return true if it did
     */
    public boolean failed() {
        return status.equals(FAILED);
    }

    /** Whether this release knows the status. */
    boolean known() {
        return failed() || status.equals(COMPLETE);
    }

    ByteBuffer body() {
        StringBuilder text = new StringBuilder("{\"status\":\"" + status + "\",\"isComplete\":");
        text.append(!failed());
        blobCount.ifPresent(n -> text.append(",\"blobCount\":").append(n));
        blobSize.ifPresent(n -> text.append(",\"blobSize\":").append(n));
        totalSize.ifPresent(n -> text.append(",\"totalSize\":").append(n));
        text.append(",\"failed\":").append(failed());
        hashChain.ifPresent(c -> text.append(",\"hashChain\":\"").append(c).append('"'));
        return ByteBuffer.wrap(text.append('}').toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads the body of an end marker, the position of which stays.
     *
     * @param body of the blob
     * @return what it says
     * @throws DamagedException if it is not a marker
     */
    public static EndMarker parse(ByteBuffer body) {
        Map<String, Object> fields = MarkerJson.parse(NAME.text(), body);
        if (!(fields.get("status") instanceof String status)) {
            throw new DamagedException(NAME + " names no status");
        }
        return new EndMarker(
                status,
                number(fields, "blobCount"),
                number(fields, "blobSize"),
                number(fields, "totalSize"),
                fields.get("hashChain") instanceof String chain
                        ? Optional.of(chain)
                        : Optional.empty());
    }

    private static OptionalLong number(Map<String, Object> fields, String name) {
        if (!(fields.get(name) instanceof BigDecimal value)) {
            return OptionalLong.empty();
        }
        try {
            long exact = value.longValueExact();
            if (exact >= 0) {
                return OptionalLong.of(exact);
            }
        } catch (ArithmeticException e) {
            throw new DamagedException(NAME + ": " + name + " is no whole number: " + value, e);
        }
        throw new DamagedException(NAME + ": " + name + " is negative: " + value);
    }
}
