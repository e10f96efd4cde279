package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Trigger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipes of docs/records.md, run; and the promise that no third-party jar comes along. */
class RecipesTest {
    private static final Path ROOT = Path.of("../..");

    @Test
    void batchesAreDeliveredAndNothingIsLeft(@TempDir Path parent) throws Exception {
        Path directory = parent.resolve("buffer");
        List<String> sink = new CopyOnWriteArrayList<>();
        RecordBuffer<String> buffer =
                RecordBuffer.<String>of(
                                Trigger.anyOf(
                                        Trigger.moreThan(10), Trigger.age(Duration.ofMinutes(1))))
                        .journal(directory)
                        .codec(Codec.strings())
                        .open();
        buffer.addAll(List.of("a", "b"));
        Delivery<String> delivery =
                Delivery.start(
                        buffer, batch -> sink.addAll(batch.records()), RetryPolicy.defaults());
        long left = buffer.drain(Duration.ofSeconds(30));
        delivery.close();
        buffer.close();
        assertThat(left).isEqualTo(0);
        assertThat(sink).containsExactly("a", "b");
    }

    @Test
    void batchesArePulled() throws Exception {
        List<String> sink = new CopyOnWriteArrayList<>();
        RecordBuffer<String> buffer = RecordBuffer.<String>of(Trigger.atLeast(1)).open();
        buffer.add("a");
        Optional<Batch<String>> batch = buffer.take(Duration.ofSeconds(1));
        batch.ifPresent(released -> {
            sink.addAll(released.records());
            buffer.commit(released);
        });
        assertThat(sink).containsExactly("a");
    }

    @Test
    void theRecipesInTheDocumentAreTheseTests() throws Exception {
        String here =
                squeezed(
                        Files.readString(
                                Path.of("src/test/java/dev/forebay/record/RecipesTest.java")));
        String[] parts = Files.readString(ROOT.resolve("docs/records.md")).split("```", -1);
        int snippets = 0;
        for (String part : parts) {
            if (part.startsWith("java\n")) {
                snippets++;
                assertThat(here).contains(squeezed(part.substring(5)));
            }
        }
        assertThat(snippets).isEqualTo(3);
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }

    @Test
    void noThirdPartyModuleComesAlong() {
        assertThat(modulesOf("record")).allMatch(name -> name.startsWith("dev.forebay."));
    }

    private static List<String> modulesOf(String library) {
        try {
            String text =
                    Files.readString(
                            ROOT.resolve(
                                    "libraries/" + library + "/src/main/java/module-info.java"));
            return text.lines()
                    .map(String::strip)
                    .filter(line -> line.startsWith("requires ") && !line.contains("static"))
                    .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
