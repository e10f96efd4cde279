package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a demonstration tidies up. */
class DemoProcessesTest {
    private static final int THREADS = 8;
    private static final int FILES = 1000;

    /** As at a Ctrl-C that ends the server too: the hook and the thread that waited for it. */
    @Test
    void threadsThatCloseTogetherLeaveNoFolderAndSayNothing() throws Exception {
        StringWriter said = new StringWriter();
        DemoProcesses demo = new DemoProcesses(Path.of("unused"), new PrintWriter(said));
        for (int i = 0; i < FILES; i++) {
            Files.createDirectories(demo.directory().resolve("folder" + i).resolve("inner"));
        }
        CyclicBarrier together = new CyclicBarrier(THREADS);
        List<Future<?>> ends = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int i = 0; i < THREADS; i++) {
                ends.add(
                        threads.submit(() -> {
                            together.await();
                            demo.close();
                            return null;
                        }));
            }
            for (Future<?> end : ends) {
                end.get(1, TimeUnit.MINUTES);
            }
        }
        assertThat(said.toString()).isEmpty();
        assertThat(demo.directory()).doesNotExist();
    }
}
