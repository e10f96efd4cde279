package dev.forebay.run.oci.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * A container engine that gives prepared answers, for tests where no engine is installed. {@link
 * RealEngine} shows that engines do answer so.
 */
public final class PlayedEngine implements AutoCloseable {
    /** What is answered to one request. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record Answer(int status, byte[] body) {
        /** No answer before the engine ends. */
        public static final Answer NEVER = new Answer(0, new byte[0]);

        public static final Answer MISSING =
                new Answer(404, "{\"message\":\"none\"}".getBytes(UTF_8));

        public static Answer of(String json) {
            return new Answer(200, json.getBytes(UTF_8));
        }

        /** One line of a container's standard output, as engines frame it. */
        public static Answer line(String text) {
            byte[] bytes = (text + "\n").getBytes(UTF_8);
            return new Answer(
                    200,
                    ByteBuffer.allocate(8 + bytes.length)
                            .putInt(1 << 24)
                            .putInt(bytes.length)
                            .put(bytes)
                            .array());
        }
    }

    private final Path socket;
    private final Function<String, Answer> answers;
    private final ServerSocketChannel server;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    /** The requests, as {@code GET /version}, without their parameters. */
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /**
     * @param answers by the request, without its parameters
     */
    public PlayedEngine(Path socket, Function<String, Answer> answers) throws IOException {
        this.socket = socket;
        this.answers = answers;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread _ = Thread.ofPlatform().daemon().start(this::accept);
    }

    public List<String> requests() {
        return requests;
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                open.add(client);
                Thread _ = Thread.ofPlatform().daemon().start(() -> answer(client));
            }
        } catch (IOException e) {
            return; // Closed.
        }
    }

    private void answer(SocketChannel client) {
        try (client) {
            InputStream input = Channels.newInputStream(client);
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = input.read();
                if (next < 0) {
                    return;
                }
                head.append((char) next);
            }
            String[] words = head.toString().split("[ ?]", 3);
            String request = words[0] + " " + words[1];
            requests.add(request);
            Answer answer = answers.apply(request);
            if (answer.status() == 0) {
                int _ = input.read(); // Until one of the two closes.
                return;
            }
            String start =
                    "HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n"
                            .formatted(answer.status(), answer.body().length);
            Channels.newOutputStream(client).write(start.getBytes(UTF_8));
            Channels.newOutputStream(client).write(answer.body());
        } catch (IOException e) {
            return; // The client has left, or the engine ends.
        } finally {
            open.remove(client);
        }
    }

    /** Ends the engine, and the connections that are open. */
    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
        for (SocketChannel client : open) {
            client.close();
        }
    }
}
