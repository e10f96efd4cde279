package dev.forebay.cli;

import dev.forebay.client.RunSearch;
import dev.forebay.wire.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which runs a command is about. */
final class RunFilters {
    @Option(
            names = "--status",
            paramLabel = "EXPR",
            description =
                    "Those of this status, or such as 'Running || !(Failed && Canceled)': ! before && before ||; repeat for more.")
    private List<String> statuses = new ArrayList<>();

    @Option(
            names = "--tag",
            paramLabel = "K[=V]",
            split = ",",
            description = "Those with this tag, or with any value of it; repeat for all of them.")
    private List<String> tags = new ArrayList<>();

    @Option(
            names = "--codespec",
            paramLabel = "NAME",
            description = "Those of this codespec, NAME or NAME/versions/N.")
    private String codespec;

    @Option(
            names = {"-s", "--since", "--created-after"},
            paramLabel = "TIME",
            converter = Time.class,
            description =
                    "Those created after it: such as 2026-01-31T10:00:00Z, or 15m for 15 minutes ago.")
    private Instant createdAfter;

    @Option(
            names = "--created-before",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Those created before it.")
    private Instant createdBefore;

    @Option(
            names = "--finished-after",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Those that ended after it, the latest end first.")
    private Instant finishedAfter;

    @Option(
            names = "--finished-before",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Those that ended before it, the latest end first.")
    private Instant finishedBefore;

    RunSearch search() {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> keys = new ArrayList<>();
        for (String tag : tags) {
            int equals = tag.indexOf('=');
            if (equals < 0) {
                keys.add(tag);
            } else if (values.put(tag.substring(0, equals), tag.substring(equals + 1)) != null) {
                throw new IllegalArgumentException(
                        "--tag gives '%s' twice; give it once".formatted(tag.substring(0, equals)));
            }
        }
        return new RunSearch(
                statuses,
                values,
                keys,
                codespec,
                createdAfter,
                createdBefore,
                finishedAfter,
                finishedBefore);
    }

    /** A time of RFC 3339, or how long ago it was by the clock of this machine. */
    static final class Time implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                if (text.matches("[0-9.]+(ns|us|ms|s|m|h|d)[0-9.a-z]*")) {
                    Duration ago = new OptionValues.Time().convert(text);
                    return Instant.now().minus(ago);
                }
                return Times.parse(text);
            } catch (IllegalArgumentException | TypeConversionException e) {
                throw new TypeConversionException(
                        "'%s' is not a time; expected such as 2026-01-31T10:00:00Z, or 15m for 15 minutes ago"
                                .formatted(text));
            }
        }
    }
}
