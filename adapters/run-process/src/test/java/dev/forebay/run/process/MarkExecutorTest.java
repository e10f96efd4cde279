package dev.forebay.run.process;

import dev.forebay.run.Executor;
import dev.forebay.run.testing.ExecutorContract;
import java.nio.file.Path;

/** The contract without any help of the kernel. */
class MarkExecutorTest extends ExecutorContract {
    @Override
    protected Executor open(Path directory) throws Exception {
        return ProcessExecutor.open(Settings.in(directory).withIsolation(Isolation.MARK), buffers);
    }
}
