package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The catalogue on a disk that is full to the last byte: a file system in memory, in a name space
 * of its own, which needs no privilege where Linux lets users have one.
 */
class FullDiskTest {
    private static final String MOUNT = "mount -t tmpfs -o size=40m none \"$0\" && exec \"$@\"";

    @TempDir Path temp;

    private record Ended(int code, String output) {}

    private Ended onSmallDisk(List<String> command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("unshare", "-rm", "sh", "-c", MOUNT));
        all.add(temp.toString());
        all.addAll(command);
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Ended(process.waitFor(), output);
    }

    private boolean canMount() throws InterruptedException {
        try {
            return onSmallDisk(List.of("true")).code() == 0;
        } catch (IOException e) {
            return false; // There is no such command, so not Linux.
        }
    }

    @Test
    void roomCanBeMadeOnAFullDiskAndWhatNeedsRoomIsRefusedWhole() throws Exception {
        assumeTrue(canMount(), "needs Linux with name spaces for users");
        Ended ended =
                onSmallDisk(
                        Stream.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-XX:+UseSerialGC",
                                        "-XX:TieredStopAtLevel=1",
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        FullDiskProgram.class.getName(),
                                        temp.toString())
                                .toList());
        assertThat(ended.code()).as(ended.output()).isZero();
    }
}
