package dev.forebay.cli;

import dev.forebay.client.BufferInfo;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How a command prints buffers: as JSON with all the server says, or as a table of what people look
 * for, with a line for each and times to the second. One buffer makes a table of one line.
 */
final class Printing {
    private static final String ROW = "%-26s  %-20s  %-20s  %s%n";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "How to print: ${COMPLETION-CANDIDATES}; default: $$FOREBAY_FORMAT, else the key format in $$XDG_CONFIG_HOME/forebay/settings.json, else json.")
    private Format format;

    /** Whether the user said how. */
    boolean isChosen() {
        return format != null;
    }

    /** Prints one buffer. */
    void one(BufferInfo buffer) throws IOException {
        if (isTable()) {
            table(List.of(buffer));
        } else {
            out().println(PlainJson.writeIndented(buffer.json()));
        }
    }

    /** Prints any number of buffers; as JSON always an array. */
    void all(List<BufferInfo> buffers) throws IOException {
        if (isTable()) {
            table(buffers);
        } else if (buffers.isEmpty()) {
            out().println("[]");
        } else {
            List<Object> json = buffers.stream().<Object>map(BufferInfo::json).toList();
            out().println(PlainJson.writeIndented(json));
        }
    }

    private boolean isTable() throws IOException {
        return (format != null ? format : DefaultFormat.of(Shell.of(spec))) == Format.TABLE;
    }

    private void table(List<BufferInfo> buffers) {
        out().printf(ROW, "ID", "CREATED", "EXPIRES", "TAGS");
        for (BufferInfo buffer : buffers) {
            out().printf(
                            ROW,
                            buffer.id(),
                            seconds(buffer.createdAt()),
                            buffer.expiresAt().map(Printing::seconds).orElse("never"),
                            tags(buffer.tags()));
        }
    }

    private static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String tags(Map<String, String> tags) {
        return tags.entrySet().stream()
                .map(tag -> tag.getKey() + "=" + tag.getValue())
                .sorted()
                .collect(Collectors.joining(","));
    }

    private PrintWriter out() {
        return Shell.of(spec).out();
    }
}
