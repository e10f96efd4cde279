package dev.forebay.datalog.export;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The members that messages and ticks have in JSON. */
final class ItemJson {
    private ItemJson() {}

    static String time(long nanos) {
        long second = TimeUnit.SECONDS.toNanos(1);
        return Instant.ofEpochSecond(Math.floorDiv(nanos, second), Math.floorMod(nanos, second))
                .toString();
    }

    static void time(JsonText json, long nanos) {
        json.raw("time_ns", Long.toString(nanos)).put("time", time(nanos));
    }

    /** The decoded fields of a message, or its bytes in Base64. */
    static void payload(
            JsonText json, LogMessage message, Optional<Map<String, @Nullable Object>> decoded) {
        if (decoded.isPresent()) {
            json.put("message", decoded.get());
        } else {
            json.put("data_base64", base64(message.payload()));
        }
    }

    static String base64(ByteBuffer payload) {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The values of a tick by the names of its variables. */
    static void values(JsonText json, Signal signal, TickBlock ticks, int tick) {
        for (int i = 0; i < signal.variables().size(); i++) {
            TickBlock.Column column = ticks.values().get(i);
            String number = column.text(tick);
            // JSON has no NaN and no infinities.
            json.raw(
                    signal.variables().get(i).name(),
                    column.isFinite(tick) ? number : '"' + number + '"');
        }
    }
}
