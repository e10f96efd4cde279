package dev.forebay.mutants;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Comparator;
import java.util.List;

/**
 * What a test said of a mutant. Only {@link Kind#CAUGHT} proves something.
 *
 * @param detail the failure, or what is wrong with the run
 */
record Verdict(Kind kind, String detail) {
    /** How the run ended; what proves less comes later. */
    enum Kind {
        /** An assertion failed. */
        CAUGHT("an assertion failed"),
        SURVIVED("the test passed although the promise was broken"),
        TIMED_OUT("the test ended by a time-out"),
        FAILED_OTHERWISE("the test failed, but not by an assertion"),
        NOT_RUN("the test did not run");

        final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    /** The verdict on a test: that of its worst failure, given those of all its invocations. */
    static Verdict of(List<Throwable> failures) {
        return failures.stream()
                .map(failure -> new Verdict(kindOf(failure), trace(failure)))
                .max(Comparator.comparing(Verdict::kind))
                .orElse(new Verdict(Kind.SURVIVED, ""));
    }

    private static Kind kindOf(Throwable failure) {
        boolean assertion = false;
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t.getClass().getSimpleName().contains("Timeout")
                    || String.valueOf(t.getMessage()).startsWith("execution exceeded timeout")) {
                return Kind.TIMED_OUT;
            }
            assertion |= t instanceof AssertionError;
        }
        return assertion ? Kind.CAUGHT : Kind.FAILED_OTHERWISE;
    }

    private static String trace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
