package dev.forebay.mutants;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that the tests run in: its modules, sources and entries. */
final class Repository {
    private static final List<String> FLOORS = List.of("libraries", "adapters", "service", "proof");

    private final Path root;

    private Repository(Path root) {
        this.root = root;
    }

    /** The checkout around the working directory, which is the folder of this module. */
    static Repository here() {
        Path module = Path.of("").toAbsolutePath();
        Path root = module.resolve("../..").normalize();
        if (!Files.exists(root.resolve("docs/promises.md"))) {
            throw new IllegalStateException(
                    "expected to run in proof/mutants of a checkout, found " + module);
        }
        return new Repository(root);
    }

    Path resolve(String path) {
        return root.resolve(path);
    }

    /** The folder of a module, from its last name. */
    Path module(String name) {
        return FLOORS.stream()
                .map(floor -> root.resolve(floor).resolve(name))
                .filter(folder -> Files.exists(folder.resolve("pom.xml")))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "expected a module, found no folder %s with a POM"
                                        .formatted(name)));
    }

    /** All entries, sorted by module and name. */
    List<Entry> entries() throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve("proof/mutants"), 2)) {
            return files.filter(file -> file.toString().endsWith(Entry.ENDING))
                    .sorted()
                    .map(Repository::entry)
                    .toList();
        }
    }

    private static Entry entry(Path file) {
        try {
            return Entry.read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The binary name of a test class, from its simple name. */
    String typeOf(Entry.TestName test) throws IOException {
        Path tests = module(test.module()).resolve("src/test/java");
        try (Stream<Path> files = Files.walk(tests)) {
            List<Path> found = files.filter(file -> file.endsWith(test.type() + ".java")).toList();
            if (found.size() != 1) {
                throw new IllegalArgumentException(
                        "expected one test class %s in %s, found %s"
                                .formatted(test.type(), tests, found));
            }
            String path = tests.relativize(found.getFirst()).toString();
            return path.replace(".java", "").replace('/', '.');
        }
    }
}
