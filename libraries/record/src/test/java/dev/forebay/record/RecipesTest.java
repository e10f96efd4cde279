package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.RetryPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipes of docs/records.md, run, and its tables, checked. */
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
        long left = buffer.drain(Duration.ofMinutes(5));
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
        assertThat(snippets).isEqualTo(5);
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }

    @Test
    void deadLettersAreReplayed() throws Exception {
        RecordBuffer<String> buffer = RecordBuffer.<String>of(Trigger.atLeast(1)).open();
        buffer.add("a");
        buffer.deadLetter(buffer.take(Duration.ZERO).orElseThrow(), "the target said no");
        for (DeadLetter<String> letter : buffer.deadLetters()) {
            System.out.println(letter.reason() + ": " + letter.records());
            buffer.replay(letter);
        }
        assertThat(buffer.take(Duration.ZERO).orElseThrow().records()).containsExactly("a");
        assertThat(buffer.deadLetters()).isEmpty();
    }

    @Test
    void aBufferIsAskedHowItIs() {
        RecordBuffer<String> buffer =
                RecordBuffer.<String>of(Trigger.atLeast(10))
                        .stuckAfter(Duration.ofMinutes(5))
                        .open();
        buffer.add("a");
        boolean healthy = !buffer.gauges().stuck() && buffer.gauges().canRelease();
        Ledger ledger = buffer.ledger();
        String loss = "lost " + ledger.dropped() + " of " + ledger.accepted();
        assertThat(healthy).isTrue();
        assertThat(loss).isEqualTo("lost {} of 1");
    }

    /** A table names {@code Class.method}; a further method of the same class begins with a dot. */
    @Test
    void theTestsThatTheTablesNameAreThere() throws Exception {
        String tables = Files.readString(ROOT.resolve("docs/records.md"));
        Matcher names = Pattern.compile("`([A-Z]\\w+Test)?\\.([a-z]\\w+)`").matcher(tables);
        String type = "";
        int named = 0;
        while (names.find()) {
            type = names.group(1) == null ? type : names.group(1);
            assertThat(source(type)).contains("void " + names.group(2) + "(");
            named++;
        }
        assertThat(named).isGreaterThan(50);
    }

    private static String source(String type) throws IOException {
        Path here = Path.of("src/test/java/dev/forebay/record");
        Path json = ROOT.resolve("adapters/record-json/src/test/java/dev/forebay/record/json");
        Path meters =
                ROOT.resolve(
                        "adapters/record-micrometer/src/test/java/dev/forebay/record/micrometer");
        for (Path folder : List.of(here, json, meters)) {
            Path file = folder.resolve(type + ".java");
            if (Files.exists(file)) {
                return Files.readString(file);
            }
        }
        throw new AssertionError("no test " + type);
    }
}
