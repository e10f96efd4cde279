package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The rule of locking that {@link BufferState} states: a component is reached only through a field
 * that is guarded, or from another component. Error Prone checks the accesses to guarded fields;
 * here it is seen that no such field is without its guard.
 */
class LockingRuleTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/forebay/record");
    private static final String COMPONENT = "component of\\s+(\\* )?\\{@link\\s+(\\* )?BufferState";

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.filter(one -> one.toString().endsWith(".java")).toList()) {
                String name = String.valueOf(file.getFileName()).replace(".java", "");
                sources.put(name, Files.readString(file));
            }
        }
        return sources;
    }

    private static List<String> components(Map<String, String> sources) {
        Pattern says = Pattern.compile(COMPONENT);
        return sources.entrySet().stream()
                .filter(source -> says.matcher(source.getValue()).find())
                .map(Map.Entry::getKey)
                .toList();
    }

    @Test
    void componentsAreHeldInGuardedFieldsOnly() throws IOException {
        Map<String, String> sources = sources();
        List<String> components = components(sources);
        assertThat(components)
                .contains(
                        "HeldRecords",
                        "BatchQueue",
                        "EntryLog",
                        "Releaser",
                        "ReleaseTimer",
                        "Phase")
                .hasSizeGreaterThan(10);
        Pattern field =
                Pattern.compile(
                        "(?m)^(.*)\\n    (?:private )?(?:final )?(?:@Nullable )?(%s)(?:<T>)? \\w+( =.*)?;"
                                .formatted(components.stream().collect(Collectors.joining("|"))));
        List<String> unguarded = new ArrayList<>();
        int guarded = 0;
        for (Map.Entry<String, String> source : sources.entrySet()) {
            if (components.contains(source.getKey())) {
                continue;
            }
            for (Matcher found = field.matcher(source.getValue()); found.find(); ) {
                if (found.group(1).contains("@GuardedBy(")) {
                    guarded++;
                } else {
                    unguarded.add("%s in %s".formatted(found.group(2), source.getKey()));
                }
            }
        }
        assertThat(unguarded).isEmpty();
        assertThat(guarded).isGreaterThan(10);
    }

    /** A service has no state that changes, but for the threads that it started. */
    @Test
    void servicesHaveNoStateThatChanges() throws IOException {
        Pattern service = Pattern.compile("service of\\s+(\\* )?\\{@link\\s+(\\* )?BufferState");
        Pattern changing =
                Pattern.compile(
                        "(?m)^(.*)\\n    (?:private |volatile )+(?!static|final|record)[\\w@].* \\w+(?: =.*)?;$");
        List<String> found = new ArrayList<>();
        int services = 0;
        for (Map.Entry<String, String> source : sources().entrySet()) {
            if (service.matcher(source.getValue()).find()) {
                services++;
                for (Matcher one = changing.matcher(source.getValue()); one.find(); ) {
                    if (!one.group(1).contains("@GuardedBy(")) {
                        found.add("%s: %s".formatted(source.getKey(), one.group().strip()));
                    }
                }
            }
        }
        assertThat(found).isEmpty();
        assertThat(services).isGreaterThan(4);
    }
}
