package dev.forebay.server;

import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.SeriesKey;
import dev.forebay.datalog.TailPosition;
import dev.forebay.datalog.export.KnownMessages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came into the log since a position, as JSON, with the position to ask for next. An answer
 * has at most {@value #MOST} entries, and {@value #MOST_BYTES} bytes of them and one more; a client
 * asks until it has none.
 */
final class LogTail {
    static final int MOST = 500;
    private static final long MOST_BYTES = 4L << 20;

    /** Of larger ones, whose fields are not known, only the size is told. */
    private static final int MOST_SHOWN = 4096;

    private final List<Map<String, @Nullable Object>> entries = new ArrayList<>();
    private long bytes;

    private LogTail() {}

    /** Answers a request; a position that is missing is the end of the log. */
    static void send(Exchange exchange, DataLog log, LogParameters parameters) throws IOException {
        Optional<TailPosition> from =
                parameters.one("position").map(text -> parse(parameters, text));
        DownloadFilter filter = parameters.filter(parameters.range());
        LogTail tail = new LogTail();
        TailPosition next =
                from.isEmpty() ? log.end() : log.follow(from.get(), filter, tail::entry);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("position", next.toString());
        answer.put("entries", tail.entries);
        exchange.sendJson(200, answer);
    }

    private static TailPosition parse(LogParameters parameters, String text) {
        try {
            return TailPosition.parse(text);
        } catch (IllegalArgumentException e) {
            throw parameters.refuse("'position': " + e.getMessage());
        }
    }

    private boolean entry(SeriesKey key, long nanos, ByteBuffer payload) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("time_ns", nanos);
        row.put("channel", key.channel());
        row.put("type", key.type());
        if (!key.source().isEmpty()) {
            row.put("source", key.source());
        }
        Optional<Map<String, @Nullable Object>> decoded = KnownMessages.decode(key.type(), payload);
        if (decoded.isPresent()) {
            row.put("message", decoded.get());
        } else {
            row.put("bytes", payload.remaining());
            if (payload.remaining() <= MOST_SHOWN) {
                byte[] data = new byte[payload.remaining()];
                payload.duplicate().get(data);
                row.put("data_base64", Base64.getEncoder().encodeToString(data));
            }
        }
        entries.add(row);
        bytes += decoded.isPresent() ? payload.remaining() : MOST_SHOWN;
        return entries.size() < MOST && bytes < MOST_BYTES;
    }
}
