package org.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.client.BufferInfo;
import dev.forebay.server.ForebayServer;
import dev.forebay.server.ServerConfig;
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
}
