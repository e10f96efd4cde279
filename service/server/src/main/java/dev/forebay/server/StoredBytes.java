package dev.forebay.server;

import dev.forebay.blob.BlobInfo;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/**
 * The headers of answers that carry bytes which somebody stored.
 *
 * <p><b>Guarantee.</b> No browser takes them for a page or a script of this server: they are bytes,
 * whatever they look like, and what opens them anyway does so in a sandbox.
 */
final class StoredBytes {
    /** The content type. */
    static final String BYTES = "application/octet-stream";

    private static final Map<String, String> GUARDS =
            Map.of(
                    "X-Content-Type-Options", "nosniff",
                    "Content-Security-Policy", "sandbox");

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);

    /** A second and how HTTP writes it. */
    private record Second(long second, String text) {}

    /** The one that was written last: most answers of a moment name the same. */
    private static volatile Second last = new Second(0, DATE.format(Instant.EPOCH));

    private StoredBytes() {}

    /** Sets the headers that keep browsers from executing the body, and its type. */
    static Exchange guard(Exchange exchange) {
        GUARDS.forEach(exchange::with);
        return exchange.with("Content-Type", BYTES);
    }

    /** The tag of a whole blob. */
    static String etag(BlobInfo info) {
        return "\"" + info.md5().base64() + "\"";
    }

    /** Sets what names these bytes and says that parts of them can be had. */
    static void name(Exchange exchange, String etag, Instant modified) {
        exchange.with("ETag", etag)
                .with("Last-Modified", date(modified))
                .with("Accept-Ranges", "bytes");
    }

    /** As HTTP writes times. */
    static String date(Instant time) {
        Second known = last;
        if (known.second() != time.getEpochSecond()) {
            known = new Second(time.getEpochSecond(), DATE.format(time));
            last = known;
        }
        return known.text();
    }

    /** Sets the headers of the part that is sent of {@code size} bytes. */
    static void describe(Exchange exchange, RequestedPart.Part part, long size) {
        long last = part.from() + part.count() - 1;
        exchange.with("Content-Range", "bytes %d-%d/%d".formatted(part.from(), last, size))
                .with("Content-Length", Long.toString(part.count()))
                .setStatus(206);
    }

    /** Answers that none of the bytes asked for exists. */
    static void refuse(Exchange exchange, long size) throws IOException {
        exchange.with("Content-Range", "bytes */" + size)
                .with(BlobHeaders.ERROR_CODE, DataErrorCode.INVALID_RANGE)
                .send(416);
    }
}
