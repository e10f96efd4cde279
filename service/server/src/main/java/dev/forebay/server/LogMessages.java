package dev.forebay.server;

import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.Download;
import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.export.KnownMessages;
import dev.forebay.wire.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one type as JSON, as section 7.5 of the reference's data buffer has it: {@code
 * {"messages":[{"message":{...}}]}}, the fields by their names. Types whose fields are not known
 * here are refused, and so is a message that is not of its type left out.
 */
final class LogMessages {
    private LogMessages() {}

    static void send(Exchange exchange, DataLog log, LogParameters parameters, long now)
            throws IOException {
        String type =
                parameters
                        .one("type")
                        .orElseThrow(() -> parameters.refuse("expected 'type', once"));
        if (!KnownMessages.knows(type)) {
            throw parameters.refuse(
                    "messages of this type cannot be shown as JSON; known are %s, %s and %s. '/v1/data-buffer/bddf/' gives all types"
                            .formatted(
                                    KnownMessages.TEXT,
                                    KnownMessages.COMMENT,
                                    KnownMessages.EVENT));
        }
        Download download =
                log.download(
                        new DownloadFilter(
                                parameters.hour(now),
                                Set.of(type),
                                Set.of(),
                                Set.of(),
                                Set.of(),
                                OptionalInt.empty(),
                                Set.of()));
        LogFace.stream(
                exchange, Exchange.JSON, "messages.json", target -> write(download, type, target));
    }

    private static void write(Download download, String type, WritableByteChannel target)
            throws IOException {
        text(target, "{\"messages\":[");
        boolean[] first = {true};
        download.entries((_, _, payload) -> {
            Optional<Map<String, @Nullable Object>> decoded = KnownMessages.decode(type, payload);
            if (decoded.isPresent()) {
                text(target, first[0] ? "" : ",");
                target.write(ByteBuffer.wrap(Json.write(Map.of("message", decoded.get()))));
                first[0] = false;
            }
        });
        text(target, "]}");
    }

    private static void text(WritableByteChannel target, String text) throws IOException {
        target.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
}
