package dev.forebay.datalog;

import dev.forebay.bddf.SeriesDescriptor;
import dev.forebay.bddf.SeriesIdentifier;
import dev.forebay.bddf.SeriesType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The entries that make up one series of a page.
 *
 * @param kind of the entries
 * @param channel the label that queries use; for signals the name of the schema, for calls the name
 *     of the service
 * @param type how to read the payload; for signals the number of the schema in hexadecimal
 * @param source who sent it; empty for comments and events
 */
public record SeriesKey(Kind kind, String channel, String type, String source) {
    private static final String CHANNEL = "bosdyn:channel";
    private static final String SERVICE = "bosdyn:grpc:service";
    private static final String MESSAGE_TYPE = "bosdyn:message-type";
    private static final String SOURCE = "forebay:source";
    private static final String KIND = "forebay:kind";
    private static final String TICKS = "application/x-forebay-ticks";
    private static final String BYTES = "application/octet-stream";

    /** The full name of a message: words of letters and digits with dots. */
    private static final Pattern MESSAGE_NAME =
            Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)+");

    /** The index that holds the end of each event beside its beginning. */
    static final List<String> EVENT_INDEXES = List.of("forebay:end");

    static SeriesKey of(Kind kind, String source) {
        return new SeriesKey(kind, kind.messageType(), kind.messageType(), source);
    }

    /** The name of the series in a page, which tells sources apart. */
    SeriesIdentifier inPage() {
        return new SeriesIdentifier(
                "bosdyn:typed-message-channel",
                Map.of(CHANNEL, channel, MESSAGE_TYPE, type, SOURCE, source, KIND, kind.name()));
    }

    /** The name of the series in a download, where all sources of a channel are one series. */
    SeriesIdentifier inDownload() {
        return switch (kind) {
            case REQUEST -> calls("bosdyn:grpc:requests");
            case RESPONSE -> calls("bosdyn:grpc:responses");
            case TEXT, COMMENT, EVENT, BLOB, SIGNAL ->
                    new SeriesIdentifier(
                            "bosdyn:typed-message-channel",
                            Map.of(CHANNEL, channel, MESSAGE_TYPE, type));
        };
    }

    private SeriesIdentifier calls(String seriesType) {
        return new SeriesIdentifier(seriesType, Map.of(SERVICE, channel, MESSAGE_TYPE, type));
    }

    /** What the blocks hold. */
    SeriesType seriesType() {
        boolean message = MESSAGE_NAME.matcher(type).matches();
        String content = kind == Kind.SIGNAL ? TICKS : message ? protobuf() : BYTES;
        return new SeriesType.Message(content, type, false);
    }

    private static String protobuf() {
        return SeriesType.Message.PROTOBUF;
    }

    List<String> additionalIndexes() {
        return kind == Kind.EVENT ? EVENT_INDEXES : List.of();
    }

    /** The key of a series of a page; empty if it is not one of the log's. */
    static Optional<SeriesKey> of(SeriesDescriptor series) {
        Map<String, String> spec = series.identifier().spec();
        String kind = spec.get(KIND);
        if (kind == null) {
            return Optional.empty();
        }
        for (Kind each : Kind.values()) {
            if (each.name().equals(kind)) {
                return Optional.of(
                        new SeriesKey(
                                each,
                                spec.getOrDefault(CHANNEL, ""),
                                spec.getOrDefault(MESSAGE_TYPE, ""),
                                spec.getOrDefault(SOURCE, "")));
            }
        }
        return Optional.empty();
    }
}
