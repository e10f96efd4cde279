package dev.forebay.cli;

import dev.forebay.wire.PlainJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that record one entry each at a running server; done means synced. */
final class LogRecordCommands {
    private LogRecordCommands() {}

    private static Integer record(LogPlace place, String kind, Map<String, Object> message)
            throws IOException {
        demandServer(place);
        place.client()
                .post(
                        "entries",
                        PlainJson.write(Map.of("sync", true, kind, List.of(message))),
                        "application/json");
        return 0;
    }

    private static void demandServer(LogPlace place) {
        if (place.isDirectory()) {
            throw new IllegalArgumentException(
                    "entries are recorded by a running server; give --server instead of --data");
        }
    }

    /** Records a comment. */
    @Command(
            name = "comment",
            description = "Record a comment of the operator; data near it is kept longer.",
            footerHeading = "%nExample:%n",
            footer = "  forebay log comment --user operator --password-file p 'left knee is hot'",
            mixinStandardHelpOptions = true)
    static final class Comment implements Callable<Integer> {
        @Mixin private LogPlace place;

        @Parameters(paramLabel = "TEXT", description = "What to say.")
        private String text;

        @Override
        public Integer call() throws IOException {
            return record(place, "comments", Map.of("message", text));
        }
    }

    /** Records a text message. */
    @Command(
            name = "text",
            description = "Record a text message.",
            footerHeading = "%nExample:%n",
            footer =
                    "  forebay log text --user operator --password-file p --level warn 'low battery'",
            mixinStandardHelpOptions = true)
    static final class Text implements Callable<Integer> {
        /** How serious it is. */
        enum TextLevel {
            DEBUG,
            INFO,
            WARN,
            ERROR;

            @Override
            public String toString() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        @Mixin private LogPlace place;

        @Parameters(paramLabel = "TEXT", description = "What to say.")
        private String text;

        @Option(
                names = "--level",
                paramLabel = "LEVEL",
                description = "How serious it is: ${COMPLETION-CANDIDATES}; default: info.")
        private TextLevel level = TextLevel.INFO;

        @Option(names = "--source", paramLabel = "NAME", description = "Who says it.")
        private String source = "forebay log";

        @Override
        public Integer call() throws IOException {
            return record(
                    place,
                    "texts",
                    Map.of("message", text, "level", "LEVEL_" + level.name(), "source", source));
        }
    }

    /** Records an event. */
    @Command(
            name = "event",
            description = "Record an event that happens now.",
            footerHeading = "%nExample:%n",
            footer = "  forebay log event --user operator --password-file p org:fall --level high",
            mixinStandardHelpOptions = true)
    static final class Event implements Callable<Integer> {
        /** How visible it is. */
        enum EventLevel {
            LOW,
            MEDIUM,
            HIGH,
            MISSION_CRITICAL,
            SYSTEM_CRITICAL;

            @Override
            public String toString() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        @Mixin private LogPlace place;

        @Parameters(paramLabel = "TYPE", description = "What happens, such as org:fall.")
        private String type;

        @Option(names = "--description", paramLabel = "TEXT", description = "More about it.")
        private String description = "";

        @Option(
                names = "--level",
                paramLabel = "LEVEL",
                description = "How visible it is: ${COMPLETION-CANDIDATES}; default: low.")
        private EventLevel level = EventLevel.LOW;

        @Option(names = "--preserve", description = "Keep the data of this time as long as may be.")
        private boolean preserve;

        @Override
        public Integer call() throws IOException {
            String now = Instant.now().toString();
            Map<String, Object> event = new LinkedHashMap<>();
            event.put("type", type);
            event.put("description", description);
            event.put("source", "forebay log");
            event.put("start_time", now);
            event.put("end_time", now);
            event.put("level", "LEVEL_" + level.name());
            event.put(
                    "log_preserve_hint",
                    preserve ? "LOG_PRESERVE_HINT_PRESERVE" : "LOG_PRESERVE_HINT_NORMAL");
            return record(place, "events", event);
        }
    }

    /** Records a blob. */
    @Command(
            name = "blob",
            description = "Record bytes of a file or of standard input, at most 64 MiB.",
            footerHeading = "%nExample:%n",
            footer = "  forebay log blob --user operator --password-file p --type image/jpeg a.jpg",
            mixinStandardHelpOptions = true)
    static final class Blob implements Callable<Integer> {
        private static final int LARGEST = 64 << 20;
        private static final int PIECE = 1 << 16;

        @Mixin private LogPlace place;

        @Spec private CommandSpec spec;

        @Parameters(
                paramLabel = "FILE",
                arity = "0..1",
                description = "The file; default or -: standard input.")
        private Path file;

        @Option(
                names = "--type",
                required = true,
                paramLabel = "NAME",
                description = "How to read the bytes, such as image/jpeg.")
        private String type;

        @Option(
                names = "--channel",
                paramLabel = "NAME",
                description = "The label that queries use; default: the type.")
        private String channel = "";

        @Override
        public Integer call() throws IOException {
            demandServer(place);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ReadableByteChannel in = DataChannels.input(file, Shell.of(spec))) {
                ByteBuffer piece = ByteBuffer.allocate(PIECE);
                while (in.read(piece) >= 0) {
                    bytes.write(piece.array(), 0, piece.position());
                    piece.clear();
                    if (bytes.size() > LARGEST) {
                        throw new IllegalArgumentException(
                                "the blob is larger than %d bytes; record it in parts, or over gRPC"
                                        .formatted(LARGEST));
                    }
                }
            }
            StringJoiner query = new StringJoiner("&", "blobs?", "");
            query.add("sync=true").add("type=" + LogSelection.encoded(type));
            if (!channel.isEmpty()) {
                query.add("channel=" + LogSelection.encoded(channel));
            }
            place.client().post(query.toString(), bytes.toByteArray(), "application/octet-stream");
            return 0;
        }
    }
}
