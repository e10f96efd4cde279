package dev.forebay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A codespec or a run in a file of YAML, and so of JSON. Which fields there may be is for the
 * server to say.
 */
final class YamlFile {
    private static final long LARGEST = 1 << 20;

    private YamlFile() {}

    /** What a file is, by the words of messages, with a line that such a file may have. */
    enum Kind {
        CODESPEC("codespec file", "image: busybox"),
        RUN("run file", "job: {codespec: denoise}");

        private final String text;
        private final String example;

        Kind(String text, String example) {
            this.text = text;
            this.example = example;
        }
    }

    /** The fields in their order. */
    static Map<String, Object> read(Kind kind, Path file) throws IOException {
        if (Files.size(file) > LARGEST) {
            throw new IOException(
                    "the %s %s has %d bytes; expected at most %d"
                            .formatted(kind.text, file, Files.size(file), LARGEST));
        }
        YAMLMapper yaml =
                YAMLMapper.builder(
                                YAMLFactory.builder()
                                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                        .build())
                        .build();
        try {
            Map<String, Object> fields = new LinkedHashMap<>();
            Object content =
                    yaml.readTree(Files.readAllBytes(file)).isMissingNode()
                            ? null
                            : yaml.readValue(Files.readAllBytes(file), Object.class);
            if (!(content instanceof Map<?, ?> map)) {
                throw new IOException(
                        "expected fields of YAML in the %s %s, found %s; begin it with such as '%s'"
                                .formatted(kind.text, file, found(content), kind.example));
            }
            map.forEach((key, value) -> fields.put(String.valueOf(key), value));
            return fields;
        } catch (JacksonException e) {
            throw new IOException(
                    "the %s %s is not YAML: %s at line %d, column %d"
                            .formatted(
                                    kind.text,
                                    file,
                                    e.getOriginalMessage().lines().findFirst().orElse("broken"),
                                    e.getLocation().getLineNr(),
                                    e.getLocation().getColumnNr()),
                    e);
        }
    }

    private static String found(@Nullable Object content) {
        return switch (content) {
            case null -> "nothing";
            case List<?> list -> "a list of %d".formatted(list.size());
            default -> "a text or a number";
        };
    }
}
