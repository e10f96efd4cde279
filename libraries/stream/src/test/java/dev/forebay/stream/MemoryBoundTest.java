package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Heap and direct memory together are at most 2 x dop x block + 64 MiB: the virtual machine is
 * given no more, and the store and the output stand still until all that may be taken is taken.
 */
class MemoryBoundTest {
    private static final int DOP = 4;

    @TempDir Path temp;

    /** What a transfer in a process with the memory for {@link #DOP} says, and how it ends. */
    private String transfer(String direction, int dop) throws IOException, InterruptedException {
        long direct = 2L * DOP * BoundedTransfer.BLOCK;
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "-XX:MaxDirectMemorySize=" + direct,
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                BoundedTransfer.class.getName(),
                                temp.resolve("store").toString(),
                                direction,
                                Integer.toString(dop))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + said.strip();
    }

    @Test
    void aWriterAndAReaderKeepToTheirBoundAlsoWhileTheOtherSideStandsStill() throws Exception {
        for (String direction : List.of("write", "read")) {
            // Before its result stands whatever the virtual machine or a slow end had to say.
            assertThat(transfer(direction, DOP))
                    .startsWith("0 ")
                    .endsWith(Long.toString(BoundedTransfer.TOTAL));
        }
    }

    /** Blocks in flight shrink to what the process has, where they would end it otherwise. */
    @ParameterizedTest
    @CsvSource({"write,1024", "read,1024"})
    void aTransferThatMayTakeMoreThanThereIsGoesOnWithLess(String direction, int dop)
            throws Exception {
        if (direction.equals("read")) {
            assertThat(transfer("write", DOP)).startsWith("0 ");
        }
        assertThat(transfer(direction, dop))
                .startsWith("0 ")
                .endsWith(Long.toString(BoundedTransfer.TOTAL));
    }
}
