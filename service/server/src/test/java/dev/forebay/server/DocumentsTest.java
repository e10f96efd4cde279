package dev.forebay.server;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Documents that say which test proves what name only tests that exist. A name is {@code
 * `ClassTest.method`}, or {@code `.method`} of the class before it in the line; what follows a
 * bracket is not looked at, and three dots stand for any end.
 */
class DocumentsTest {
    private static final Path ROOT = Path.of("../..");
    private static final Pattern NAME =
            Pattern.compile(
                    "`([A-Z][A-Za-z0-9]*Test)?(?:\\.([a-z][A-Za-z0-9]*)(\\.\\.\\.)?)?[\\[`]");

    /** The class that a test inherits methods from, such as a contract. */
    private static final Pattern SUPERCLASS = Pattern.compile("\\bclass \\w+ extends (\\w+)");

    /** The sources of all classes of tests of a name; rooms may share one. */
    private static Map<String, List<String>> sources() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String part : List.of("libraries", "adapters", "service", "proof")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(part))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> file.toString().contains("src/test/java"))
                        .forEach(found::add);
            }
        }
        return found.stream()
                .collect(
                        groupingBy(
                                file -> file.getFileName().toString().replace(".java", ""),
                                mapping(DocumentsTest::read, toList())));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }

    /** What is named and is not there. */
    private static List<String> missing(String document, Map<String, List<String>> sources) {
        List<String> missing = new ArrayList<>();
        for (String line : document.lines().toList()) {
            String latest = "";
            Matcher name = NAME.matcher(line);
            while (name.find()) {
                latest = name.group(1) == null ? latest : name.group(1);
                String method = name.group(2) == null ? "" : name.group(2);
                String end = name.group(3) == null ? "(" : "";
                // A name that begins with a dot is of something else where no class stands before.
                if (!latest.isEmpty() && !isThere(sources, latest, method + end)) {
                    missing.add(latest + "." + method);
                }
            }
        }
        return missing;
    }

    /** Without a method it is enough that there is the class. */
    private static boolean isThere(
            Map<String, List<String>> sources, String test, String beginning) {
        return sources.getOrDefault(test, List.of()).stream()
                .anyMatch(source ->
                        beginning.equals("(")
                                || source.contains("void " + beginning)
                                || inherits(sources, source, beginning));
    }

    private static boolean inherits(
            Map<String, List<String>> sources, String source, String beginning) {
        Matcher superclass = SUPERCLASS.matcher(source);
        return superclass.find() && isThere(sources, superclass.group(1), beginning);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/promises.md", "docs/coming-from-tyger.md", "docs/codespecs.md"})
    void everyTestThatADocumentNamesExists(String document) throws IOException {
        String text = Files.readString(ROOT.resolve(document));
        assertThat(NAME.matcher(text).results().count()).isGreaterThan(12);
        assertThat(missing(text, sources())).isEmpty();
    }

    @Test
    void aTestThatDoesNotExistIsFound() throws IOException {
        String document =
                """
                A `.bufferend` and `DocumentsTest` are fine, as are
                `DocumentsTest.aTestThatDoesNotExistIsFound`, `.everyTestThatADocument...`.
                `NoSuchTest` and `DocumentsTest.noSuchMethod`, `.norThis[ONE]`, `.aTestThat`
                """;
        assertThat(missing(document, sources()))
                .containsExactly(
                        "NoSuchTest.",
                        "DocumentsTest.noSuchMethod",
                        "DocumentsTest.norThis",
                        "DocumentsTest.aTestThat");
    }
}
