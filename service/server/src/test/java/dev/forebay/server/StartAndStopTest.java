package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.LockedException;
import dev.forebay.control.Lifetimes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartAndStopTest {
    @TempDir Path directory;

    private ServerConfig config(int port) {
        return ServerConfig.of(directory.resolve("data"), port);
    }

    @Test
    void aSecondServerOnTheDirectoryIsToldWhoHasIt() throws IOException {
        try (ForebayServer first = ForebayServer.start(config(0))) {
            assertThat(first.uri().getPort()).isPositive();
            assertThatThrownBy(() -> ForebayServer.start(config(0)))
                    .isInstanceOf(LockedException.class)
                    .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
        }
    }

    @Test
    void aTakenPortLeavesNothingOpenAndNoFolderBehind() throws IOException {
        Path deep = directory.resolve("some/folders/data");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ServerConfig config = ServerConfig.of(deep, taken.getLocalPort());
            assertThatThrownBy(() -> ForebayServer.start(config))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("port " + taken.getLocalPort())
                    .hasMessageContaining("choose another port");
        }
        assertThat(directory).isEmptyDirectory();
        ForebayServer.start(ServerConfig.of(deep, 0)).close();
        assertThat(deep.resolve("catalog.db")).exists();
    }

    /** What is on standard error, which the log goes to. */
    private static String logged(Callable<?> work) throws Exception {
        return logged(_ -> work.call());
    }

    /** Work that sees the log as it grows. */
    private interface Watching {
        void run(ByteArrayOutputStream log) throws Exception;
    }

    private static String logged(Watching work) throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, UTF_8));
        try {
            work.run(log);
        } finally {
            System.setErr(before);
        }
        return log.toString(UTF_8);
    }

    private static void awaitLines(ByteArrayOutputStream log, int count) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (log.toString(UTF_8).lines().count() < count) {
            assertThat(System.nanoTime() - deadline).as(() -> log.toString(UTF_8)).isNegative();
            Thread.onSpinWait();
        }
    }

    private String restart() throws Exception {
        return logged(() -> {
            ForebayServer.start(config(0)).close();
            return directory;
        });
    }

    @Test
    void rowsAndContainersThatDoNotFitTogetherAreReported() throws Exception {
        String id;
        try (ForebayServer server = ForebayServer.start(config(0))) {
            id = id(post(server, "/buffers?api-version=1.0"));
        }
        assertThat(restart()).isEmpty();
        Path containers = directory.resolve("data/containers");
        Files.move(containers.resolve(id), containers.resolve("orphan"));
        Files.createFile(containers.resolve("orphan/blob=")); // An empty one would be removed.
        // The comparison runs behind the start, and a close ends it.
        List<String> lines =
                logged(
                                log -> {
                                    try (ForebayServer _ = ForebayServer.start(config(0))) {
                                        awaitLines(log, 2);
                                    }
                                })
                        .lines()
                        .toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst()).contains("WARN", "orphan has no buffer", "was left alone");
        assertThat(lines.getLast())
                .contains("WARN", "buffer " + id, "container is missing", "from a backup")
                .contains("forebay buffer delete " + id);
    }

    @Test
    void theDirectoryIsForItsUserAlone() throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        ForebayServer.start(config(0)).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwx------");

        Path fresh = directory.resolve("fresh");
        ForebayServer.start(ServerConfig.of(fresh, 0)).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh)))
                .isEqualTo("rwx------");
    }

    @Test
    void aFileInPlaceOfTheDirectoryIsRefused() throws IOException {
        Files.writeString(directory.resolve("data"), "not a directory");
        assertThatThrownBy(() -> ForebayServer.start(config(0)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected a directory");
    }

    private static Wire.Answer post(ForebayServer server, String target) throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            return wire.send(
                            "POST "
                                    + target
                                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
                    .answer(true);
        }
    }

    private static String id(Wire.Answer created) {
        return created.text().replaceAll(".*\"id\":\"([^\"]+)\".*", "$1");
    }

    @Test
    void buffersLiveAsLongAsTheServerWasToldWhenTheirCreatorSaysNothing() throws IOException {
        ServerConfig brief =
                config(0)
                        .withLifetimes(
                                new Lifetimes(Optional.of(Duration.ofDays(7)), Duration.ZERO));
        try (ForebayServer server = ForebayServer.start(brief)) {
            assertThat(post(server, "/buffers?api-version=1.0").text())
                    .contains("\"expiresAt\":\"");
        }
        try (ForebayServer server = ForebayServer.start(config(0))) {
            assertThat(post(server, "/buffers?api-version=1.0").text()).doesNotContain("expiresAt");
        }
    }

    @Test
    void accessUrlsBeginWithThePublicUrl() throws IOException {
        ServerConfig behindProxy =
                config(0).withPublicUrl(URI.create("https://data.example/forebay"));
        try (ForebayServer server = ForebayServer.start(behindProxy)) {
            String id = id(post(server, "/buffers?api-version=1.0"));
            assertThat(post(server, "/buffers/" + id + "/access?api-version=1.0").text())
                    .contains("\"uri\":\"https://data.example/forebay/containers/" + id + "?");
        }
    }

    @Test
    void startThatFailsTwiceTellsOfBothAndLeavesNothingOpen() throws IOException {
        ForebayServer.start(config(0)).close();
        Path key = directory.resolve("data/keys/access.key");
        Path catalogue = directory.resolve("data/catalog.db");
        byte[] keyBefore = Files.readAllBytes(key);
        byte[] catalogueBefore = Files.readAllBytes(catalogue);
        Files.writeString(key, "no key");
        Files.writeString(catalogue, "no catalogue, and longer than the head of one: ".repeat(99));
        // The catalogue is opened meanwhile, so the key is what the start fails with.
        assertThatThrownBy(() -> ForebayServer.start(config(0)))
                .hasMessageContaining("access.key is not a pair of keys")
                .satisfies(e ->
                        assertThat(e.getSuppressed())
                                .singleElement()
                                .asString()
                                .contains("catalog.db is damaged"));
        Files.write(catalogue, catalogueBefore);
        assertThatThrownBy(() -> ForebayServer.start(config(0)))
                .hasMessageContaining("access.key is not a pair of keys")
                .hasNoSuppressedExceptions();
        Files.write(key, keyBefore);
        Files.writeString(catalogue, "no catalogue, and longer than the head of one: ".repeat(99));
        assertThatThrownBy(() -> ForebayServer.start(config(0)))
                .hasMessageContaining("catalog.db is damaged")
                .hasNoSuppressedExceptions();
        Files.write(catalogue, catalogueBefore);
        ForebayServer.start(config(0)).close();
    }

    @Test
    void startThatFailsAtItsLastPartLeavesNothingOpen() throws IOException {
        ForebayServer.start(config(0)).close(); // The directory is there: no port is tried first.
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> ForebayServer.start(config(taken.getLocalPort())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("port " + taken.getLocalPort());
        }
        ForebayServer.start(config(0)).close();
    }

    @Test
    void closeOnAnInterruptedThreadClosesEverythingAndKeepsTheInterrupt() throws IOException {
        ForebayServer server = ForebayServer.start(config(0));
        Thread.currentThread().interrupt();
        server.close();
        assertThat(Thread.interrupted()).isTrue();
        ForebayServer.start(config(0)).close();
    }

    @Test
    void everyCloseReturnsAfterTheFirstHasClosedEverything() throws Exception {
        ForebayServer server = ForebayServer.start(config(0));
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<Boolean> close =
                    () -> {
                        server.close();
                        return Files.exists(directory.resolve("data/=lock"));
                    };
            for (Future<Boolean> closed : threads.invokeAll(Collections.nCopies(4, close))) {
                assertThat(closed.get()).isTrue();
            }
        }
        server.close();
        ForebayServer.start(config(0)).close();
    }

    @Test
    void everythingIsClosedThoughSomethingFails() {
        List<String> closed = new ArrayList<>();
        Opened opened = new Opened();
        opened.add("first", () -> closed.add("first"));
        opened.add(
                "second",
                () -> {
                    throw new IOException("second");
                });
        opened.add(
                "third",
                () -> {
                    throw new OutOfMemoryError("third");
                });

        assertThatThrownBy(opened::close)
                .hasMessage("third")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(closed).containsExactly("first");
    }
}
