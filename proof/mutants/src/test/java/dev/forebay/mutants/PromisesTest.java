package dev.forebay.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docs/promises.md} says what the entries say; {@code -Dpromises.write=true} writes it. */
class PromisesTest {
    @Test
    void thePageIsWhatTheEntriesSay() throws IOException {
        Repository repository = Repository.here();
        String expected = new PromisesPage(repository, repository.entries()).text();
        Path page = repository.resolve("docs/promises.md");
        if (Boolean.getBoolean("promises.write")) {
            Files.writeString(page, expected);
        }
        assertThat(page)
                .as("run this test with -Dpromises.write=true, and commit the page")
                .hasContent(expected);
    }
}
