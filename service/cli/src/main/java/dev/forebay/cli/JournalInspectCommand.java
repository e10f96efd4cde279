package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.journal.JournalTool.Inspection;
import dev.forebay.journal.JournalTool.SegmentInfo;
import dev.forebay.wire.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows how a journal is laid out; of one in use, at a moment that has passed. */
@Command(
        name = "inspect",
        description = "Print a journal's segments and what an opening would find.",
        footerHeading = "%nExample:%n",
        footer = "  forebay journal inspect DIR --format table",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class JournalInspectCommand implements Callable<Integer> {
    @Mixin private JournalDirectory directory;
    @Spec private CommandSpec spec;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "json",
            description = "How to print it: ${COMPLETION-CANDIDATES}.")
    private Format format;

    @Override
    public Integer call() throws IOException {
        Inspection found = directory.tool().inspect();
        PrintWriter out = Shell.of(spec).out();
        if (format == Format.JSON) {
            out.println(Json.writeIndented(json(found)));
            return 0;
        }
        out.printf("%-24s  %12s  %12s  %10s  %10s%n", "SEGMENT", "FIRST", "NEXT", "USED", "SIZE");
        for (SegmentInfo segment : found.segments()) {
            out.printf(
                    "%-24s  %12d  %12d  %10s  %10s%n",
                    segment.file().getFileName(),
                    segment.first(),
                    segment.next(),
                    ByteSize.of(segment.end()),
                    ByteSize.of(segment.size()));
        }
        out.printf(
                "frames %d to %d, synced to %d, %d damaged places, %s%n",
                found.recovery().first(),
                found.recovery().next() - 1,
                found.synced(),
                found.recovery().damage().size(),
                found.recovery().tail().isPresent() ? "a torn end" : "a clean end");
        return 0;
    }

    private static Map<String, Object> json(Inspection found) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("segments", found.segments().stream().map(JournalInspectCommand::json).toList());
        json.put("synced", found.synced());
        json.put("unused", found.unused().stream().map(Path::toString).toList());
        json.put("recovery", JournalDirectory.json(found.recovery()));
        return json;
    }

    private static Map<String, Object> json(SegmentInfo segment) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("file", segment.file().toString());
        json.put("number", segment.number());
        json.put("first", segment.first());
        json.put("next", segment.next());
        json.put("end", segment.end());
        json.put("size", segment.size());
        return json;
    }
}
