package dev.forebay.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs the test of one mutant in a process of its own.
 *
 * <p>The process has this one's flags and class path, the mutated classes before ours, and the
 * folder of the test's module as its working directory, so the test finds what it finds in its own
 * module. Processes that the test starts from its class path get the mutant too.
 */
final class MutantRun {
    private final Repository repository;
    private final Path work;
    private final Duration limit;
    private final MutantJvm jvm;

    /**
     * Runs mutants of {@code repository}.
     *
     * @param jvm makes the command of each process
     * @param work the folder below this module for patched sources, classes and output
     * @param limit when a process counts as one that ended by a time-out
     */
    MutantRun(Repository repository, MutantJvm jvm, String work, Duration limit) {
        this.repository = repository;
        this.jvm = jvm;
        this.work = repository.resolve("proof/mutants").resolve(work);
        this.limit = limit;
    }

    /** Compiles the mutant and runs its test. A patch that does not apply or compile throws. */
    Verdict run(Entry entry) throws IOException, InterruptedException {
        Path folder = work.resolve(entry.module()).resolve(entry.name());
        delete(folder);
        Files.createDirectories(folder);
        Path classes = Mutation.compile(entry, repository, folder, jvm.modules());
        String test = repository.typeOf(entry.test());
        Path verdict = folder.resolve("verdict.txt");
        Path output = folder.resolve("output.txt");
        Process process =
                new ProcessBuilder(
                                jvm.command(
                                        classes, test, entry.test().method(), verdict.toString()))
                        .directory(repository.module(entry.test().module()).toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                return new Verdict(Verdict.Kind.TIMED_OUT, "it still ran after " + limit);
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (!Files.exists(verdict)) {
            return new Verdict(
                    Verdict.Kind.NOT_RUN,
                    "the process ended with exit code %d and no verdict; its output is in %s"
                            .formatted(process.exitValue(), output));
        }
        String[] lines = Files.readString(verdict).split("\n", 2);
        return new Verdict(Verdict.Kind.valueOf(lines[0]), lines.length == 2 ? lines[1] : "");
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            List<Path> files;
            try (Stream<Path> all = Files.walk(folder)) {
                files = all.toList();
            }
            for (Path file : files.reversed()) {
                Files.delete(file);
            }
        }
    }
}
