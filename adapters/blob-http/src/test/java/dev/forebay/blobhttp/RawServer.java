package dev.forebay.blobhttp;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on loopback that answers as a test says, byte by byte, on every connection anew. */
final class RawServer implements AutoCloseable {
    /** What to do with a connection, which is closed afterwards. */
    interface Handler {
        void handle(Socket connection) throws IOException;
    }

    final AtomicInteger connections = new AtomicInteger();

    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    RawServer(Handler handler) {
        try {
            listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Future<?> _ = threads.submit(() -> accept(handler));
    }

    private Void accept(Handler handler) throws IOException {
        while (true) {
            Socket connection = listener.accept();
            connections.incrementAndGet();
            open.add(connection);
            Future<?> _ =
                    threads.submit(() -> {
                        try (connection) {
                            handler.handle(connection);
                        } finally {
                            open.remove(connection);
                        }
                        return null;
                    });
        }
    }

    /** Takes the head of a request; all bytes that follow it are left. */
    static String head(InputStream input) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = input.read();
            if (b < 0) {
                throw new IOException("the request ended in its head: " + head);
            }
            head.append((char) b);
        }
        return head.toString();
    }

    /** Takes a whole request and gives these bytes back, a bar being the end of a line. */
    static Handler answering(String answer) {
        return connection -> {
            InputStream input = new BufferedInputStream(connection.getInputStream());
            String head = head(input);
            int at = head.toLowerCase(Locale.ROOT).indexOf("content-length: ");
            if (at >= 0) {
                int end = head.indexOf('\r', at);
                input.skipNBytes(Long.parseLong(head.substring(at + 16, end)));
            }
            byte[] bytes = answer.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            connection.getOutputStream().write(bytes);
        };
    }

    AccessUrl url() {
        return new AccessUrl(
                "http://127.0.0.1:"
                        + listener.getLocalPort()
                        + "/containers/abc"
                        + DataPlane.SECRET);
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket connection : open) {
                connection.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            threads.close();
        }
    }
}
