package dev.forebay.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.blob.Md5;
import dev.forebay.blob.testing.MemoryContainer;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;

/** A buffer with blobs of given sizes, as flushes at odd times make them. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record HeldSizes(byte[] bytes, int... sizes) {
    byte[] written() {
        return Arrays.copyOf(bytes, Arrays.stream(sizes).sum());
    }

    void writeTo(MemoryContainer container) {
        container.put(StartMarker.NAME, StartMarker.of("a").body(), null, Map.of());
        String chain = HashChain.START;
        int at = 0;
        for (int number = 0; number <= sizes.length; number++) {
            int size = number < sizes.length ? sizes[number] : 0;
            ByteBuffer body = ByteBuffer.wrap(bytes, at, size).slice();
            chain = HashChain.next(chain, Md5.of(body));
            container.put(
                    BlobNumber.nameOf(number), body, null, Map.of(HashChain.METADATA_KEY, chain));
            at += size;
        }
        ByteBuffer end = ByteBuffer.wrap("{\"status\":\"complete\"}".getBytes(UTF_8));
        container.put(EndMarker.NAME, end, null, Map.of());
    }
}
