package dev.forebay.mutants;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The Java command of a mutant's process: this process's flags and class path, with mutated classes
 * before ours.
 *
 * <p>Half the time of such a process goes into loading the JDK's, JUnit's and AssertJ's classes. So
 * {@link #archive} puts these into an archive of the JVM. It serves a process whose class path
 * begins with the jars that were archived, which is why they come first.
 */
final class MutantJvm {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final List<String> flags =
            new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
    private final List<String> jars;
    private final List<String> ours;

    /**
     * Parts the class path.
     *
     * @param root the folder of what is ours; the rest of the class path is other people's jars
     */
    MutantJvm(Path root) {
        List<String> classPath =
                List.of(System.getProperty("java.class.path").split(File.pathSeparator));
        jars =
                classPath.stream()
                        .filter(entry -> entry.endsWith(".jar"))
                        .filter(entry -> !Path.of(entry).startsWith(root))
                        .toList();
        ours = classPath.stream().filter(entry -> !jars.contains(entry)).toList();
    }

    /** The flags that the compiler needs too. */
    List<String> modules() {
        return flags.stream().filter(flag -> flag.startsWith("--add-modules")).toList();
    }

    /** The command that runs {@link MutantProcess} with the classes in {@code mutated}. */
    List<String> command(Path mutated, String... arguments) {
        Stream<String> classPath =
                Stream.of(jars, List.of(mutated.toString()), ours).flatMap(List::stream);
        return command(
                List.of(),
                classPath,
                Stream.concat(Stream.of(MutantProcess.class.getName()), Stream.of(arguments)));
    }

    private List<String> command(List<String> more, Stream<String> classPath, Stream<String> main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(more);
        command.add("-cp");
        command.add(String.join(File.pathSeparator, classPath.toList()));
        command.addAll(main.toList());
        return command;
    }

    /**
     * Makes the archive, from what a small test loads, and uses it from now on. It costs some
     * seconds, so it pays for many mutants.
     */
    void archive(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path classes = folder.resolve("classes.txt");
        Path archive = folder.resolve("classes.jsa");
        Path log = folder.resolve("archive.log");
        run(
                command(
                        List.of("-XX:DumpLoadedClassList=" + classes),
                        Stream.of(jars, ours).flatMap(List::stream),
                        Stream.of(
                                MutantProcess.class.getName(),
                                PatchTest.class.getName(),
                                "severalHunksApplyInOneFile",
                                folder.resolve("verdict.txt").toString())),
                log);
        run(
                command(
                        List.of(
                                "-Xshare:dump",
                                "-XX:SharedClassListFile=" + classes,
                                "-XX:SharedArchiveFile=" + archive),
                        jars.stream(),
                        Stream.of()),
                log);
        flags.add("-XX:SharedArchiveFile=" + archive);
    }

    private static void run(List<String> command, Path log)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(
                        "expected an archive of classes within %s, found none; see %s"
                                .formatted(LIMIT, log));
            }
        } finally {
            process.destroyForcibly();
        }
    }
}
