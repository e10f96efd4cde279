package dev.forebay.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.mutants.Verdict.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Only a failed assertion is proof; every other end of a mutant is told apart from it. */
class MutantRunTest {
    private static final Path FILE = Path.of("proof/mutants/base/sample.mutant");

    /** Mutates the last line of {@code ByteSize.parse}. */
    private static Entry mutant(String line, String test) {
        return Entry.parse(
                FILE,
                """
                promise: a size is read as it was written
                mutant: a sample
                test: %s

                --- libraries/base/src/main/java/dev/forebay/base/ByteSize.java
                @@
                -return new ByteSize(sum.longValue());
                +%s
                """
                        .formatted(test, line)
                        .lines()
                        .toList());
    }

    private static Verdict run(String line) throws Exception {
        return run(line, "ByteSizeTest#aSizeIsRead", Duration.ofSeconds(60));
    }

    private static Verdict run(String line, String test, Duration limit) throws Exception {
        Repository repository = Repository.here();
        MutantJvm jvm = new MutantJvm(repository.resolve(""));
        return new MutantRun(repository, jvm, "target/samples", limit).run(mutant(line, test));
    }

    @Test
    void aFailedAssertionIsProof() throws Exception {
        Verdict verdict = run("return new ByteSize(sum.longValue() / 2);");
        assertThat(verdict.kind()).isEqualTo(Kind.CAUGHT);
        assertThat(verdict.detail()).contains("AssertionFailedError").contains("ByteSizeTest");
    }

    @Test
    void aTestThatPassesIsToldApart() throws Exception {
        assertThat(run("return ByteSize.of(sum.longValue());").kind()).isEqualTo(Kind.SURVIVED);
    }

    @Test
    void anExceptionIsToldApart() throws Exception {
        assertThat(run("throw new IllegalStateException();").kind())
                .isEqualTo(Kind.FAILED_OTHERWISE);
    }

    @Test
    void aMutantThatRunsOnIsStoppedAndToldApart() throws Exception {
        Verdict verdict =
                run(
                        "while (true) { Thread.onSpinWait(); }",
                        "ByteSizeTest#aSizeIsRead",
                        Duration.ofSeconds(5));
        assertThat(verdict.kind()).isEqualTo(Kind.TIMED_OUT);
    }

    @Test
    void aMutantThatEndsItsProcessIsToldApart() throws Exception {
        Verdict verdict = run("Runtime.getRuntime().halt(7); return null;");
        assertThat(verdict.kind()).isEqualTo(Kind.NOT_RUN);
        assertThat(verdict.detail()).contains("ended with exit code 7 and no verdict");
    }

    @Test
    void aTestThatIsNotThereIsToldApart() throws Exception {
        Verdict verdict = run("return null;", "ByteSizeTest#noSuchTest", Duration.ofSeconds(60));
        assertThat(verdict.kind()).isEqualTo(Kind.NOT_RUN);
        assertThatThrownBy(() -> run("return null;", "NoSuchTest#any", Duration.ofSeconds(60)))
                .hasMessageContaining("expected one test class NoSuchTest");
    }

    @Test
    void aMutantThatDoesNotCompileIsRefused() {
        assertThatThrownBy(() -> run("return 1;"))
                .hasMessageContaining("the mutant does not compile")
                .hasMessageContaining("incompatible types");
    }

    @Test
    void aFailureIsProofOnlyIfAllFailuresAreAssertions() {
        AssertionError assertion = new AssertionError("expected 1, found 2");
        assertThat(Verdict.of(List.of(assertion)).kind()).isEqualTo(Kind.CAUGHT);
        assertThat(Verdict.of(List.of(new IllegalStateException(assertion))).kind())
                .isEqualTo(Kind.CAUGHT);
        assertThat(Verdict.of(List.of()).kind()).isEqualTo(Kind.SURVIVED);
        assertThat(Verdict.of(List.of(assertion, new IllegalStateException("other"))).kind())
                .isEqualTo(Kind.FAILED_OTHERWISE);
        assertThat(Verdict.of(List.of(new AssertionError(new TimeoutException()))).kind())
                .isEqualTo(Kind.TIMED_OUT);
    }
}
