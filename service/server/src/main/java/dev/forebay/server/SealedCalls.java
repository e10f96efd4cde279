package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Reason;
import dev.forebay.identity.AdminKey;
import dev.forebay.wire.PlainJson;
import dev.forebay.wire.WireFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/**
 * Asks the server that has a data directory, with the key that only the directory's user can read;
 * {@link AdminFace} answers. Blocks.
 */
final class SealedCalls {
    private static final int PATIENCE_MILLIS = 30_000;
    private static final int LARGEST_ANSWER = 1 << 20;

    private final Disk disk;
    private final Clock clock;
    private final Path data;

    SealedCalls(Disk disk, Clock clock, Path data) {
        this.disk = disk;
        this.clock = clock;
        this.data = data;
    }

    /** What the server answers; one that has the directory runs. */
    Map<String, Object> ask(Map<String, Object> request) throws IOException {
        AdminKey key = AdminKey.existing(disk, data.resolve(Storage.KEYS));
        request.put("time", clock.wall().toString());
        byte[] message = key.seal(PlainJson.write(request), AdminFace.REQUEST);
        URI server = key.server();
        byte[] answer = exchange(server, message);
        try {
            return PlainJson.readObject(
                    key.unseal(answer, AdminKey.nonce(message))
                            .orElseThrow(() ->
                                    new IOException(
                                            "what answers at %s is not the server that has %s: %s"
                                                    .formatted(server, data, refusal(answer)))));
        } catch (WireFormatException e) {
            throw new IOException("the server at %s sent no answer".formatted(server), e);
        }
    }

    private static byte[] exchange(URI server, byte[] message) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(server + AdminFace.PATH).toURL().openConnection();
        connection.setConnectTimeout(PATIENCE_MILLIS);
        connection.setReadTimeout(PATIENCE_MILLIS);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", AdminFace.TYPE);
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(message.length);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(message);
        } catch (IOException e) {
            throw unanswered(server, e);
        }
        try (InputStream in =
                connection.getResponseCode() < 400
                        ? connection.getInputStream()
                        : connection.getErrorStream()) {
            return in == null ? new byte[0] : in.readNBytes(LARGEST_ANSWER);
        } catch (IOException e) {
            throw unanswered(server, e);
        }
    }

    private static IOException unanswered(URI server, IOException e) {
        return new IOException(
                "a server has the directory and does not answer at %s: %s; does it start or end just now? try again"
                        .formatted(server, Reason.of(e)),
                e);
    }

    /**
     * What the server says against a request, without a seal: good for a message, not to act on.
     */
    private static String refusal(byte[] answer) {
        String none = "its answer is not sealed with the key there";
        try {
            return PlainJson.readObject(answer).get("error") instanceof Map<?, ?> error
                    ? String.valueOf(error.get("message"))
                    : none;
        } catch (WireFormatException e) {
            return none;
        }
    }
}
