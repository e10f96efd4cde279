package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.server.ForebayServer;
import dev.forebay.server.ServerConfig;
import dev.forebay.wire.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real server on a free port for one test class, and the program run against it in this process.
 */
final class Cli implements BeforeAllCallback, AfterAllCallback {
    /** How a command ended. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Outcome(int code, byte[] data, String out, String err) {
        /** The text it printed, without the end of the line; it must have succeeded. */
        String text() {
            assertThat(code).as(err).isZero();
            return out.strip();
        }

        /** The object it printed. */
        Map<?, ?> json() {
            return Json.read(text().getBytes(UTF_8), Map.class);
        }

        /** A text in the object it printed. */
        String field(String name) {
            return String.valueOf(json().get(name));
        }

        /** The array it printed. */
        List<?> array() {
            return Json.read(text().getBytes(UTF_8), List.class);
        }

        /** It did nothing but say, in one line or two, what was expected. */
        void failedWith(int expectedCode, String... said) {
            assertThat(code).as(err).isEqualTo(expectedCode);
            assertThat(err).startsWith("Error: ").contains(said).doesNotContain("\tat ");
            assertThat(out).isEmpty();
        }
    }

    /** What the commands take for the environment. */
    final Map<String, String> variables = new ConcurrentHashMap<>();

    /** What the user answers to every question; null: there is no terminal. */
    @Nullable String answer;

    private final UnaryOperator<ServerConfig> settings;
    private @Nullable Path directory;
    private @Nullable ForebayServer server;

    Cli() {
        this(config -> config);
    }

    /** With a server that is started in another way. */
    Cli(UnaryOperator<ServerConfig> settings) {
        this.settings = settings;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("forebay-cli");
        server = ForebayServer.start(settings.apply(ServerConfig.of(directory.resolve("data"), 0)));
        variables.put("FOREBAY_SERVER", url());
        variables.put("XDG_CACHE_HOME", directory.resolve("cache").toString());
        variables.put("XDG_CONFIG_HOME", directory.resolve("config").toString());
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        server().close();
        try (Stream<Path> walk = Files.walk(directory())) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private ForebayServer server() {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server;
    }

    Path directory() {
        if (directory == null) {
            throw new IllegalStateException("not started");
        }
        return directory;
    }

    String url() {
        return server().uri().toString();
    }

    /** Where the server keeps the blobs of a buffer. */
    Path container(String id) {
        return directory().resolve("data").resolve("containers").resolve(id);
    }

    Outcome run(String... args) {
        return runWith(new byte[0], args);
    }

    Outcome runWith(byte[] input, String... args) {
        return runWith(Channels.newChannel(new ByteArrayInputStream(input)), false, args);
    }

    Outcome runWith(ReadableByteChannel input, boolean watched, String... args) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        return runWith(input, Channels.newChannel(data), data, watched, args);
    }

    /** With the data going elsewhere, as it comes. */
    Outcome runWith(ReadableByteChannel input, WritableByteChannel output, String... args) {
        return runWith(input, output, new ByteArrayOutputStream(), false, args);
    }

    private Outcome runWith(
            ReadableByteChannel input,
            WritableByteChannel output,
            ByteArrayOutputStream data,
            boolean watched,
            String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Shell shell =
                new Shell(
                        variables::get,
                        () -> input,
                        () -> output,
                        new PrintWriter(out, true),
                        new PrintWriter(err, true),
                        () -> watched,
                        _ -> Optional.ofNullable(answer));
        int code = Forebay.run(shell, args);
        return new Outcome(code, data.toByteArray(), out.toString(), err.toString());
    }

    /** A new buffer. */
    String create(String... args) {
        return run(Stream.concat(Stream.of("buffer", "create"), Stream.of(args))
                        .toArray(String[]::new))
                .text();
    }

    /** How many buffers there are that are not deleted. */
    long count() {
        return Long.parseLong(run("buffer", "count").text());
    }
}
