package dev.forebay.run.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.run.Executor;
import dev.forebay.run.testing.ExecutorContract;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;

/** The contract in PID namespaces, which only root may make. */
class NamespaceExecutorTest extends ExecutorContract {
    @BeforeAll
    static void demandRoot() {
        assumeTrue(System.getProperty("user.name").equals("root"), "this user is not root");
    }

    @Override
    protected Executor open(Path directory) throws Exception {
        return ProcessExecutor.open(
                Settings.in(directory).withIsolation(Isolation.NAMESPACE), buffers);
    }
}
