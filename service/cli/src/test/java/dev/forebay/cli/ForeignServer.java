package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.forebay.base.Worker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers every connection with the same bytes, whatever it is asked; with none, it is silent. */
final class ForeignServer implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Socket> silent = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final Worker worker;

    private ForeignServer(byte[] answer) throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        worker = Worker.virtual("foreign", () -> serve(answer), failures::add);
    }

    static ForeignServer saying(String text) throws IOException {
        return new ForeignServer(text.getBytes(ISO_8859_1));
    }

    static ForeignServer answering(String status, String body) throws IOException {
        return saying(
                "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                        .formatted(status, body.length(), body));
    }

    private void serve(byte[] answer) throws IOException {
        while (!listener.isClosed()) {
            Socket socket;
            try {
                socket = listener.accept();
            } catch (IOException e) {
                if (listener.isClosed()) {
                    return;
                }
                throw e;
            }
            if (answer.length == 0) {
                silent.add(socket);
                continue;
            }
            try (socket) {
                socket.getInputStream().read(new byte[1 << 16]);
                socket.getOutputStream().write(answer);
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            }
        }
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        worker.join();
        for (Socket socket : silent) {
            socket.close();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("the test's server failed", failures.getFirst());
        }
    }
}
