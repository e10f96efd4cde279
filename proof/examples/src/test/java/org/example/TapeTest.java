package org.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TapeTest {
    @Test
    void aPlayerThatBeganBeforeTheRecordingHearsAllOfIt(@TempDir Path directory) throws Exception {
        byte[] sound = new byte[10_000_000];
        new Random(7).nextBytes(sound);
        try (Tape tape = new Tape(directory.resolve("tapes"));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ByteArrayOutputStream heard = new ByteArrayOutputStream();
            Future<?> player = threads.submit(() -> tape.play("sideA", Channels.newChannel(heard)));
            long bytes = tape.record("sideA", Channels.newChannel(new ByteArrayInputStream(sound)));
            player.get();
            assertThat(bytes).isEqualTo(sound.length);
            assertThat(heard.toByteArray()).isEqualTo(sound);
        }
    }
}
