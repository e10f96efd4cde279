package dev.forebay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
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

    /**
     * The fields in their order.
     *
     * @param kind what a message calls the file, such as {@code run file}
     */
    static Map<String, Object> read(String kind, Path file) throws IOException {
        if (Files.size(file) > LARGEST) {
            throw new IOException(
                    "the %s %s has %d bytes; expected at most %d"
                            .formatted(kind, file, Files.size(file), LARGEST));
        }
        YAMLMapper yaml =
                YAMLMapper.builder(
                                YAMLFactory.builder()
                                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                        .build())
                        .build();
        try {
            Map<String, Object> fields = new LinkedHashMap<>();
            if (!(yaml.readValue(Files.readAllBytes(file), Object.class)
                    instanceof Map<?, ?> map)) {
                throw new IOException(
                        "the %s %s holds no fields; expected YAML such as 'image: busybox'"
                                .formatted(kind, file));
            }
            map.forEach((key, value) -> fields.put(String.valueOf(key), value));
            return fields;
        } catch (JacksonException e) {
            throw new IOException(
                    "the %s %s is not YAML: %s at line %d, column %d"
                            .formatted(
                                    kind,
                                    file,
                                    e.getOriginalMessage().lines().findFirst().orElse("broken"),
                                    e.getLocation().getLineNr(),
                                    e.getLocation().getColumnNr()),
                    e);
        }
    }
}
