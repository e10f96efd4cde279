package dev.forebay.cli;

import dev.forebay.wire.PlainJson;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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
            description = "How to print: ${COMPLETION-CANDIDATES}; default: json.")
    private Format format;

    /** Whether the user said how. */
    boolean isChosen() {
        return format != null;
    }

    /** Prints the one buffer that the server answered with. */
    void one(byte[] answer) {
        one(Catalogue.object(answer));
    }

    /** Prints one buffer. */
    void one(Object buffer) {
        if (format == Format.TABLE) {
            table(List.of(buffer));
        } else {
            out().println(PlainJson.writeIndented(buffer));
        }
    }

    /** Prints any number of buffers; as JSON always an array. */
    void all(List<?> buffers) {
        if (format == Format.TABLE) {
            table(buffers);
        } else {
            out().println(buffers.isEmpty() ? "[]" : PlainJson.writeIndented(buffers));
        }
    }

    private void table(List<?> buffers) {
        out().printf(ROW, "ID", "CREATED", "EXPIRES", "TAGS");
        for (Object each : buffers) {
            Map<?, ?> buffer = (Map<?, ?>) each;
            Object expiry = buffer.get("expiresAt");
            out().printf(
                            ROW,
                            buffer.get("id"),
                            seconds(String.valueOf(buffer.get("createdAt"))),
                            expiry == null ? "never" : seconds(expiry.toString()),
                            tags(buffer.get("tags")));
        }
    }

    /** The time that the server said, without parts of a second. */
    private static String seconds(String time) {
        return time.replaceFirst("\\.[0-9]+", "").replace("+00:00", "Z");
    }

    private static String tags(@Nullable Object tags) {
        return tags instanceof Map<?, ?> map
                ? map.entrySet().stream()
                        .map(tag -> tag.getKey() + "=" + tag.getValue())
                        .sorted()
                        .collect(Collectors.joining(","))
                : "";
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
