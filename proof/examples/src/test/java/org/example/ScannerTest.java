package org.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.client.BufferInfo;
import dev.forebay.server.ForebayServer;
import dev.forebay.server.ServerConfig;
import dev.forebay.stream.BufferFailedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScannerTest {
    @Test
    void followerThatBeganBeforeTheScanGetsAllOfIt(@TempDir Path directory) throws Exception {
        byte[] signal = new byte[10_000_000];
        new Random(7).nextBytes(signal);
        try (ForebayServer server = ForebayServer.start(ServerConfig.of(directory, 0));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Scanner scanner = new Scanner(server.uri());
            String id = scanner.begin("208");
            ByteArrayOutputStream followed = new ByteArrayOutputStream();
            Future<?> follower =
                    threads.submit(() -> scanner.follow(id, Channels.newChannel(followed)));
            long sent = scanner.send(id, Channels.newChannel(new ByteArrayInputStream(signal)));
            follower.get();
            assertThat(sent).isEqualTo(signal.length);
            assertThat(followed.toByteArray()).isEqualTo(signal);
            assertThat(scanner.scansOf("208")).extracting(BufferInfo::id).containsExactly(id);
            assertThat(scanner.share(id)).startsWith(server.uri().toString());
        }
    }

    @Test
    void scanFromAStreamIsTaggedAndReadAsAStream(@TempDir Path directory) throws Exception {
        byte[] signal = new byte[3_000_000];
        new Random(8).nextBytes(signal);
        try (ForebayServer server = ForebayServer.start(ServerConfig.of(directory, 0))) {
            Scanner scanner = new Scanner(server.uri());
            String id = scanner.begin("209");
            try (InputStream followed = scanner.open(id)) {
                scanner.send(id, new ByteArrayInputStream(signal));
                assertThat(followed.readAllBytes()).isEqualTo(signal);
            }
            scanner.finish(id);
            assertThat(scanner.scansOf("209").getFirst().tags())
                    .containsEntry("state", "done")
                    .containsEntry("device", "scanner-7");
        }
    }

    @Test
    void streamOfAScanThatFailsDoesNotEnd(@TempDir Path directory) throws Exception {
        try (ForebayServer server = ForebayServer.start(ServerConfig.of(directory, 0))) {
            Scanner scanner = new Scanner(server.uri());
            String id = scanner.begin("210");
            InputStream broken =
                    new SequenceInputStream(
                            new ByteArrayInputStream(new byte[1000]), new BrokenStream());
            assertThatThrownBy(() -> scanner.send(id, broken)).hasMessageContaining("unplugged");
            try (InputStream followed = scanner.open(id)) {
                assertThatThrownBy(followed::readAllBytes)
                        .isInstanceOf(IOException.class)
                        .hasRootCauseInstanceOf(BufferFailedException.class);
            }
        }
    }

    private static final class BrokenStream extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("unplugged");
        }
    }
}
