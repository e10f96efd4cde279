package dev.forebay.cli;

import dev.forebay.base.DamagedException;
import dev.forebay.journal.Entry;
import dev.forebay.journal.Frame;
import dev.forebay.journal.Gap;
import dev.forebay.wire.Json;
import dev.forebay.wire.Times;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes out what a journal holds, whole or not. */
@Command(
        name = "dump",
        description = "Print what can be read of a journal; exit code 3 if frames are missing.",
        footerHeading = "%nExample:%n",
        footer = "  forebay journal dump DIR --format raw --output FILE",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class JournalDumpCommand implements Callable<Integer> {
    /** How to write frames. */
    enum Format {
        JSON,
        RAW;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin private JournalDirectory directory;
    @Spec private CommandSpec spec;

    @Option(
            names = "--from",
            paramLabel = "SEQUENCE",
            defaultValue = "1",
            description = "The first frame to print, 1 or more.")
    private long from;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "json",
            description =
                    "${COMPLETION-CANDIDATES}: a line of JSON for each frame and gap, payloads in base64; or the payloads alone, one after another.")
    private Format format;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to; default or -: standard output.")
    private Path output;

    private long missing;

    @Override
    public Integer call() throws IOException {
        if (from < 1) {
            throw new IllegalArgumentException("--from must be 1 or more, not " + from);
        }
        var tool = directory.tool();
        try (WritableByteChannel out = DataChannels.output(output, Shell.of(spec))) {
            tool.dump(from, entry -> write(entry, out));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (missing > 0) {
            throw new DamagedException(
                    missing + " frames are missing; where they were, a gap is said in JSON");
        }
        return 0;
    }

    private void write(Entry entry, WritableByteChannel out) {
        if (entry instanceof Gap gap) {
            missing += gap.count();
        }
        ByteBuffer bytes =
                switch (format) {
                    case JSON -> line(json(entry));
                    case RAW ->
                            ByteBuffer.wrap(entry instanceof Frame f ? f.payload() : new byte[0]);
                };
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> json(Entry entry) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sequence", entry.sequence());
        switch (entry) {
            case Gap gap -> json.put("missing", gap.count());
            case Frame frame -> {
                json.put("time", Times.format(frame.time()));
                json.put("flags", frame.flags());
                json.put("payload", Base64.getEncoder().encodeToString(frame.payload()));
            }
        }
        return json;
    }

    private static ByteBuffer line(Map<String, Object> json) {
        byte[] text = Json.write(json);
        return ByteBuffer.allocate(text.length + 1).put(text).put((byte) '\n').flip();
    }
}
