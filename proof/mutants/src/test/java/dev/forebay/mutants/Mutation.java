package dev.forebay.mutants;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The mutated classes of one entry: patched copies of the sources, compiled in this process. */
final class Mutation {
    private static final String MAIN = "/src/main/java/";
    private static final String RESOURCES = "/src/main/resources/";

    private Mutation() {}

    /**
     * Patches and compiles into {@code folder}.
     *
     * @return the folder of the classes, to be put before the originals
     */
    static Path compile(Entry entry, Repository repository, Path folder, List<String> options)
            throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        List<Path> sources = new ArrayList<>();
        for (Patch patch : entry.patches()) {
            Path original = repository.resolve(patch.path());
            if (!Files.exists(original)) {
                throw new IllegalArgumentException(
                        "the patch does not apply: expected the file %s, found none"
                                .formatted(patch.path()));
            }
            String mutated = patch.apply(Files.readString(original));
            if (patch.path().contains(RESOURCES)) {
                write(classes.resolve(after(RESOURCES, patch.path())), mutated);
            } else {
                Path source = folder.resolve("sources").resolve(after(MAIN, patch.path()));
                write(source, mutated);
                sources.add(source);
            }
        }
        if (!sources.isEmpty()) {
            compile(sources, classes, options);
        }
        return classes;
    }

    private static String after(String marker, String path) {
        int at = path.indexOf(marker);
        if (at < 0) {
            throw new IllegalArgumentException(
                    "expected a file in src/main/java or src/main/resources, found " + path);
        }
        return path.substring(at + marker.length());
    }

    private static void write(Path file, String text) throws IOException {
        Path parent = file.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(file, text);
    }

    private static void compile(List<Path> sources, Path classes, List<String> options)
            throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files =
                compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<String> all = new ArrayList<>(options);
            all.addAll(
                    List.of(
                            "-d",
                            classes.toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            "-g",
                            "-parameters",
                            "-nowarn",
                            "-Xlint:none",
                            "-proc:none",
                            "-implicit:none"));
            boolean done =
                    compiler.getTask(
                                    messages,
                                    files,
                                    null,
                                    all,
                                    null,
                                    files.getJavaFileObjectsFromPaths(sources))
                            .call();
            if (!done) {
                throw new IllegalArgumentException("the mutant does not compile\n" + messages);
            }
        }
    }
}
