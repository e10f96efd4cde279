package dev.forebay.run.oci;

import dev.forebay.run.Parameter;
import dev.forebay.run.Program;
import dev.forebay.run.Resources;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Programs in images. */
final class Images {
    private Images() {}

    static Program program(String image, String script, Parameter... parameters) {
        return program(image, List.of("sh", "-c", script), parameters);
    }

    static Program program(String image, List<String> command, Parameter... parameters) {
        return new Program(
                Optional.of(image),
                command,
                List.of(),
                Map.of(),
                Optional.empty(),
                List.of(parameters),
                List.of(),
                Resources.UNSPECIFIED,
                Optional.empty());
    }
}
