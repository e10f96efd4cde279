package dev.forebay.run.process;

import dev.forebay.run.Executor;
import dev.forebay.run.testing.ExecutorContract;
import java.nio.file.Path;

/** The contract, with the best isolation that this machine has. */
class ProcessExecutorTest extends ExecutorContract {
    @Override
    protected Executor open(Path directory) throws Exception {
        return ProcessExecutor.open(Settings.in(directory), buffers);
    }
}
