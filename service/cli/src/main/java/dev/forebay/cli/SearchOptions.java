package dev.forebay.cli;

import dev.forebay.wire.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What all listings search by: tags, and the time of creation. */
final class SearchOptions {
    @Option(
            names = "--tag",
            paramLabel = "K[=V]",
            split = ",",
            converter = Wanted.Converter.class,
            description =
                    "Those with this tag, or with any value of it; repeat for those with all of them.")
    private List<Wanted> tags = new ArrayList<>();

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

    /** Those that are asked for with a value. */
    Map<String, String> tags() {
        List<Tag> found = new ArrayList<>();
        for (Wanted each : tags) {
            if (each.value() != null) {
                found.add(new Tag(each.key(), each.value()));
            }
        }
        return Tag.map("--tag", found);
    }

    /** Those that are asked for with any value. */
    List<String> tagKeys() {
        return tags.stream().filter(each -> each.value() == null).map(Wanted::key).toList();
    }

    @Nullable Instant createdAfter() {
        return createdAfter;
    }

    @Nullable Instant createdBefore() {
        return createdBefore;
    }

    /**
     * A tag that is looked for.
     *
     * @param value null: any
     */
    record Wanted(String key, @Nullable String value) {
        /** Reads {@code KEY=VALUE} or {@code KEY}. */
        static final class Converter implements ITypeConverter<Wanted> {
            @Override
            public Wanted convert(String text) {
                if (text.startsWith("=")) {
                    throw new TypeConversionException(
                            "'%s' is not a tag; expected KEY=VALUE, or KEY for any value of it"
                                    .formatted(text));
                }
                if (text.indexOf('=') < 0) {
                    return new Wanted(Tag.checkedKey(text), null);
                }
                Tag tag = new Tag.Converter().convert(text);
                return new Wanted(tag.key(), tag.value());
            }
        }
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
