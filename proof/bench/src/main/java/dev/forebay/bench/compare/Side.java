package dev.forebay.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One of the two builds.
 *
 * @param role {@code before} or {@code after}
 * @param name what the table calls it: the revision, or the checkout's folder
 * @param root the checkout, built
 */
record Side(String role, String name, Path root) {
    /** Says that a revision's folder is whole and built. */
    private static final String BUILT = "target/built-for-compare";

    /**
     * Builds {@code source}, a checkout's folder or a revision of {@code repository}; a revision
     * goes to a folder of its own in {@code builds}, once.
     */
    static Side build(String role, Path repository, String source, Path builds, Tools tools)
            throws IOException, InterruptedException {
        Path folder = Path.of(source).toAbsolutePath().normalize();
        if (Files.exists(folder.resolve("pom.xml"))) {
            make(folder, tools);
            return new Side(role, source, folder);
        }
        String commit =
                tools.run(
                        repository,
                        Tools.BUILD_LIMIT,
                        "git",
                        "rev-parse",
                        "--verify",
                        source + "^{commit}");
        Path root = builds.resolve(commit.substring(0, 12));
        if (!Files.exists(root.resolve(BUILT))) {
            Files.createDirectories(root);
            tools.run(
                    repository,
                    Tools.BUILD_LIMIT,
                    "bash",
                    "-o",
                    "pipefail",
                    "-c",
                    "git archive %s | tar -x -C '%s'".formatted(commit, root));
            make(root, tools);
            Files.createDirectories(root.resolve("target"));
            Files.createFile(root.resolve(BUILT));
        }
        return new Side(role, source + " (" + commit.substring(0, 7) + ")", root);
    }

    /** The libraries by Maven; the command line as its script does it, with its AOT caches. */
    private static void make(Path root, Tools tools) throws IOException, InterruptedException {
        System.err.println("building " + root + " ...");
        tools.run(
                root,
                Tools.BUILD_LIMIT,
                "mvn",
                "-B",
                "-q",
                "-DskipTests",
                "package",
                "-pl",
                "libraries/record",
                "-am");
        tools.run(root, Tools.BUILD_LIMIT, root.resolve("forebay").toString(), "--version");
    }

    /** Every library's classes and the jars of the command line. */
    String classPath() throws IOException {
        List<Path> entries = new ArrayList<>();
        try (Stream<Path> libraries = Files.list(root.resolve("libraries"))) {
            libraries.map(one -> one.resolve("target/classes")).sorted().forEach(entries::add);
        }
        entries.add(root.resolve("service/cli/target/forebay/lib/*"));
        return entries.stream().map(Path::toString).collect(Collectors.joining(":"));
    }

    /** Compiles one suite and what it needs against this build, into {@code target}. */
    void compile(Path sources, Path suite, Path target, Tools tools)
            throws IOException, InterruptedException {
        tools.run(
                root,
                Tools.BUILD_LIMIT,
                Tools.java("javac"),
                "-nowarn",
                "-proc:none",
                "-encoding",
                "UTF-8",
                "-d",
                target.toString(),
                "-sourcepath",
                sources.toString(),
                "-cp",
                classPath(),
                suite.toString());
    }
}
