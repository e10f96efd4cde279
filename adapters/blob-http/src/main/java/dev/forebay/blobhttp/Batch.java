package dev.forebay.blobhttp;

import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.SmallBlob;
import dev.forebay.wire.Headers;
import dev.forebay.wire.data.BatchBody;
import dev.forebay.wire.data.DataErrorCode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Blobs that go to our server in one request, and what its answers mean. Immutable.
 *
 * @param blobs in the order of the answer's lines
 */
record Batch(List<SmallBlob> blobs) {
    private static final int LONGEST_NUMBER = 9;

    /**
     * How many blobs the other side takes at once by this answer to a put; 0 if it does not say.
     */
    static int announced(HttpAnswer answer) {
        String number = answer.first(Headers.BATCH).orElse("");
        return !number.isEmpty()
                        && number.length() <= LONGEST_NUMBER
                        && number.chars().allMatch(c -> c >= '0' && c <= '9')
                ? Math.clamp(Integer.parseInt(number), 1, SmallBlob.MOST)
                : 0;
    }

    /**
     * The body of the request.
     *
     * @throws IllegalArgumentException if a put would not carry the metadata either
     */
    List<ByteBuffer> body() {
        List<BatchBody.Blob> parts = new ArrayList<>(blobs.size());
        for (SmallBlob blob : blobs) {
            blob.metadata().forEach(HttpCall::expectSendable);
            parts.add(
                    new BatchBody.Blob(
                            blob.name().text(), blob.md5().base64(), blob.metadata(), blob.body()));
        }
        return BatchBody.encode(parts);
    }

    /**
     * Whether the answer is that of a server which takes no batches, or not through what stands
     * before it. Then nothing was created. What refuses in no word of the protocol may refuse the
     * method, whatever status it has for that; if it refuses more, the puts will say so.
     */
    static boolean isUnknown(HttpAnswer answer) {
        String code = Answers.code(answer);
        int status = answer.status();
        return switch (status) {
            case 405, 413, 415, 501 -> true;
            case 408, 429 -> false;
            default ->
                    status / 100 == 4 && code.isEmpty()
                            || code.equals(DataErrorCode.UNSUPPORTED_QUERY_PARAMETER);
        };
    }

    /**
     * How each put ended.
     *
     * @param answer with status 200
     * @param url that was asked
     * @param durability of what is there now
     * @param modified when the blobs came into being
     * @throws ContainerException if that is not what the answer says
     */
    List<PutResult> results(
            HttpAnswer answer, AccessUrl url, Durability durability, Instant modified) {
        List<String> lines = answer.explanation().lines().toList();
        if (lines.size() != blobs.size()) {
            throw unexpected(url, blobs.size() + " lines", lines.size() + ": " + lines);
        }
        List<PutResult> results = new ArrayList<>(blobs.size());
        for (int i = 0; i < lines.size(); i++) {
            SmallBlob blob = blobs.get(i);
            results.add(
                    switch (lines.get(i)) {
                        case BatchBody.CREATED ->
                                new PutResult.Created(
                                        new BlobInfo(
                                                blob.name(),
                                                blob.size(),
                                                blob.md5(),
                                                blob.metadata(),
                                                modified),
                                        durability);
                        case BatchBody.EXISTS -> new PutResult.Exists(durability);
                        case BatchBody.DIGEST_MISMATCH ->
                                new PutResult.DigestMismatch(blob.md5(), Md5.of(blob.body()));
                        default ->
                                throw unexpected(
                                        url,
                                        "%s, %s or %s in line %d"
                                                .formatted(
                                                        BatchBody.CREATED,
                                                        BatchBody.EXISTS,
                                                        BatchBody.DIGEST_MISMATCH,
                                                        i + 1),
                                        "'" + lines.get(i) + "'");
                    });
        }
        return results;
    }

    private ContainerException unexpected(AccessUrl url, String expected, String found) {
        return new ContainerException(
                Fault.FAILED,
                "%s at %s: expected %s in the answer, found %s; is this a Forebay server?"
                        .formatted(this, url, expected, url.scrub(ErrorText.of(found))));
    }

    @Override
    public String toString() {
        return "putting %d blobs from %s on".formatted(blobs.size(), blobs.getFirst().name());
    }
}
