package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A proxy of HTTP on loopback: tunnels and absolute requests, for one name and password. Of each
 * connection it looks at the first request and passes on the rest.
 */
final class SmallProxy implements AutoCloseable {
    /** What {@code Proxy-Authorization} must say. */
    private final String authorization;

    /** The first head of each connection. */
    final List<String> heads = new CopyOnWriteArrayList<>();

    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    SmallProxy(String authorization) {
        this.authorization = authorization;
        try {
            listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Future<?> _ = threads.submit(this::accept);
    }

    String place() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    private Void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            open.add(client);
            Future<?> _ = threads.submit(() -> pass(client));
        }
    }

    private Void pass(Socket client) throws IOException {
        try (client) {
            String head = head(client.getInputStream());
            heads.add(head);
            if (!head.contains("\r\nProxy-Authorization: " + authorization + "\r\n")) {
                answer(client, "407 Proxy Authentication Required\r\nContent-Length: 0");
                return null;
            }
            boolean tunnel = head.startsWith("CONNECT ");
            String target = head.split(" ", 3)[1];
            URI uri = URI.create(tunnel ? "tunnel://" + target : target);
            try (Socket server = new Socket(uri.getHost(), uri.getPort())) {
                open.add(server);
                if (tunnel) {
                    answer(client, "200 Connection established");
                } else {
                    server.getOutputStream().write(head.getBytes(ISO_8859_1));
                }
                Future<?> _ = threads.submit(() -> copy(client, server));
                copy(server, client);
            }
        }
        return null;
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the request ended in its head: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void answer(Socket client, String status) throws IOException {
        client.getOutputStream()
                .write("HTTP/1.1 %s\r\n\r\n".formatted(status).getBytes(ISO_8859_1));
    }

    private static Void copy(Socket from, Socket to) throws IOException {
        long _ = from.getInputStream().transferTo(to.getOutputStream());
        to.shutdownOutput();
        return null;
    }

    /** Their request lines, but for the secret behind the path. */
    List<String> lines() {
        return heads.stream()
                .map(head -> head.substring(0, head.indexOf(' ', head.indexOf(' ') + 1)))
                .map(line -> line.replaceFirst("\\?.*", "").toLowerCase(Locale.ROOT))
                .toList();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket each : open) {
            each.close();
        }
        threads.close();
    }
}
