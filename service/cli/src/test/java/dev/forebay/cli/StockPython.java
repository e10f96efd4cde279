package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;

/** The Python that has the stock Spot SDK, which CI installs and which may be missing elsewhere. */
final class StockPython {
    private StockPython() {}

    /** Whether it is there; fails if it has to be. */
    static boolean isThere() throws InterruptedException {
        boolean there;
        try {
            Process process =
                    new ProcessBuilder("python3", "-c", "import bosdyn.client")
                            .redirectErrorStream(true)
                            .start();
            process.getInputStream().transferTo(OutputStream.nullOutputStream());
            there = process.waitFor() == 0;
        } catch (IOException e) {
            there = false; // There is no Python.
        }
        if (System.getenv("FOREBAY_REQUIRE_CLIENTS") != null) {
            assertThat(there).as("Python can import bosdyn.client").isTrue();
        }
        return there;
    }
}
