package dev.forebay.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Applies every mutant and demands that its test fails by an assertion.
 *
 * <p>A test whose threads race may miss its mutant once. It has {@link #RUNS} runs to catch it, and
 * each miss is printed.
 *
 * <p>{@code -Dmutant=NAME} runs one; {@code NAME} is a module, a mutant's name or {@code
 * module/name}.
 */
class MutantsTest {
    private static final int RUNS = 3;

    /** One more than processors: some tests wait for what their mutant keeps from coming. */
    private static final ExecutorService PROCESSES =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors() + 1);

    @AfterAll
    static void noProcessIsLeft() {
        PROCESSES.shutdownNow();
    }

    @TestFactory
    List<DynamicTest> everyMutantIsCaughtByItsTest() throws IOException, InterruptedException {
        Repository repository = Repository.here();
        MutantJvm jvm = new MutantJvm(repository.resolve(""));
        MutantRun run = new MutantRun(repository, jvm, "target/mutants", Duration.ofSeconds(150));
        List<Entry> selected =
                repository.entries().stream()
                        .filter(Entry::isMutant)
                        .filter(entry -> isSelected(entry, System.getProperty("mutant", "")))
                        .toList();
        assertThat(selected)
                .as("mutants that -Dmutant=%s selects", System.getProperty("mutant", ""))
                .isNotEmpty();
        if (selected.size() > 10) {
            jvm.archive(repository.resolve("proof/mutants/target/archive"));
        }
        // All are under way before the first is waited for, so every processor has work.
        List<DynamicTest> tests = new ArrayList<>();
        for (Entry entry : selected) {
            Future<Verdict> verdict = PROCESSES.submit(() -> lastOfRuns(run, entry));
            tests.add(dynamicTest(entry.id(), () -> demandCaught(entry, verdict)));
        }
        return tests;
    }

    private static Verdict lastOfRuns(MutantRun run, Entry entry)
            throws IOException, InterruptedException {
        Verdict verdict = run.run(entry);
        for (int runs = 1; runs < RUNS && verdict.kind() != Verdict.Kind.CAUGHT; runs++) {
            System.out.printf(
                    "mutant %s: %s in run %d of %d%n",
                    entry.id(), verdict.kind().words, runs, RUNS);
            verdict = run.run(entry);
        }
        return verdict;
    }

    private static boolean isSelected(Entry entry, String names) {
        return names.isEmpty()
                || Stream.of(names.split(","))
                        .anyMatch(name ->
                                name.equals(entry.module())
                                        || name.equals(entry.name())
                                        || name.equals(entry.id()));
    }

    private static void demandCaught(Entry entry, Future<Verdict> pending)
            throws InterruptedException {
        Verdict verdict;
        try {
            verdict = pending.get();
        } catch (ExecutionException e) {
            throw new AssertionError("mutant %s: %s".formatted(entry.id(), e.getMessage()), e);
        }
        assertThat(verdict.kind())
                .as(
                        """
                        mutant %s (%s) was not caught by %s: %s
                        expected an assertion to fail; mend the test, or the mutant in \
                        proof/mutants/%s.mutant
                        %s\
                        """,
                        entry.id(),
                        entry.mutation(),
                        entry.test(),
                        verdict.kind().words,
                        entry.id(),
                        verdict.detail())
                .isEqualTo(Verdict.Kind.CAUGHT);
    }
}
