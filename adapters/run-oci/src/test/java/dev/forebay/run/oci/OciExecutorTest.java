package dev.forebay.run.oci;

import dev.forebay.run.Executor;
import dev.forebay.run.oci.testing.RealEngine;
import dev.forebay.run.testing.ExecutorContract;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, against a real engine. */
class OciExecutorTest extends ExecutorContract {
    @RegisterExtension static final RealEngine ENGINE = new RealEngine();

    @Override
    protected Optional<String> image() {
        return Optional.of(RealEngine.IMAGE);
    }

    @Override
    protected Executor open(Path directory) throws Exception {
        return OciExecutor.open(Settings.of(ENGINE, directory), buffers);
    }
}
