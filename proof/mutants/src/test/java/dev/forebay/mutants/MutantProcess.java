package dev.forebay.mutants;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The process of one mutant: runs one test method and writes the verdict to a file. */
final class MutantProcess {
    private MutantProcess() {}

    /**
     * Ends the process by {@code halt}, because a mutant may leave threads that never end.
     *
     * @param args the test class, its method, and the file for the verdict
     */
    public static void main(String[] args) throws IOException {
        Verdict verdict = run(args[0], args[1]);
        Files.writeString(Path.of(args[2]), verdict.kind() + "\n" + verdict.detail());
        Runtime.getRuntime().halt(0);
    }

    private static Verdict run(String type, String method) {
        Class<?> test;
        try {
            test = Class.forName(type, false, MutantProcess.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            return new Verdict(Verdict.Kind.NOT_RUN, "there is no test class " + type);
        }
        List<Method> methods = methodsOf(test, method);
        if (methods.size() != 1) {
            return new Verdict(
                    Verdict.Kind.NOT_RUN,
                    "expected one method %s in %s, found %s".formatted(method, type, methods));
        }
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectMethod(test, methods.getFirst()))
                        .build();
        Failures failures = new Failures();
        LauncherFactory.create().execute(request, failures);
        if (failures.ended == 0) {
            return new Verdict(Verdict.Kind.NOT_RUN, "JUnit found no test in " + methods);
        }
        return Verdict.of(failures.found);
    }

    private static List<Method> methodsOf(Class<?> test, String name) {
        return Stream.<Class<?>>iterate(test, c -> c != null, Class::getSuperclass)
                .flatMap(c -> Stream.of(c.getDeclaredMethods()))
                .filter(m -> m.getName().equals(name) && m.getAnnotations().length > 0)
                .toList();
    }

    /** Collects what failed; the launcher calls it on one thread. */
    private static final class Failures implements TestExecutionListener {
        private final List<Throwable> found = new ArrayList<>();
        private int ended;

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest() && result.getStatus() != TestExecutionResult.Status.ABORTED) {
                ended++;
            }
            result.getThrowable().ifPresent(found::add);
        }
    }
}
