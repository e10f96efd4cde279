package dev.forebay.run.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Processes that should have ended with their run. */
final class Stragglers {
    private Stragglers() {}

    /** Fails if one of the processes runs; ends it, so that a test that fails leaves none. */
    static void assertGone(List<Long> pids) throws IOException {
        List<Long> left = new ArrayList<>();
        for (long pid : pids) {
            if (ProcessTable.find(pid).isPresent()) {
                left.add(pid);
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        assertThat(pids).as("numbers that the program wrote").isNotEmpty();
        assertThat(left).as("processes that outlived their run").isEmpty();
    }
}
