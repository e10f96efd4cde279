package dev.forebay.client;

import dev.forebay.wire.Ttl;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An ephemeral buffer of a run: its bytes go to the program, or come from it, in one transfer.
 * Nothing is stored, so nothing is sent again.
 *
 * <p><b>Guarantee.</b> A transfer that returns was whole, and what {@link #read} read came from a
 * run that has succeeded. Both methods block as long as the program takes.
 */
public final class RemoteRelay {
    private static final Pattern ID = Pattern.compile("run-[0-9]+-temp-[a-z0-9]+");
    private static final int PIECE = 64 << 10;

    private final ControlPlane plane;
    private final String id;

    RemoteRelay(ControlPlane plane, String id) {
        this.plane = plane;
        this.id = id;
    }

    /**
     * True if {@code text} is the ID of an ephemeral buffer of a run.
     *
     * @param text any
     * @return true if it is
     */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    private HttpURLConnection connection(String method, boolean writeable, Duration ttl)
            throws IOException {
        String path =
                "/buffers/%s/access?writeable=%s&ttl=%s"
                        .formatted(id, writeable, Query.encoded(Ttl.format(ttl)));
        String url = String.valueOf(plane.object("POST", path, null, Map.of()).get("uri"));
        return plane.connection(method, URI.create(url), Duration.ZERO);
    }

    /**
     * Sends everything, and waits until the program has it.
     *
     * @param from is read to its end, and stays open
     * @param ttl how long the URL lives within which the transfer has to begin
     * @throws IOException if it cannot be read, or the transfer fails
     */
    public void write(ReadableByteChannel from, Duration ttl) throws IOException {
        HttpURLConnection connection = connection("PUT", true, ttl);
        connection.setDoOutput(true);
        connection.setChunkedStreamingMode(PIECE);
        connection.setRequestProperty("Content-Type", "application/octet-stream");
        try (OutputStream out = connection.getOutputStream()) {
            InputStream in = Channels.newInputStream(from);
            byte[] piece = new byte[PIECE];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                out.write(piece, 0, count);
                out.flush();
            }
        }
        int _ = plane.accepted(connection);
    }

    /**
     * Reads everything, as it comes; as {@link #write}.
     *
     * @param to takes the bytes in order, and stays open
     * @param ttl how long the URL lives within which the transfer has to begin
     * @throws IOException if it cannot be written, or the transfer fails
     */
    public void read(WritableByteChannel to, Duration ttl) throws IOException {
        HttpURLConnection connection = connection("GET", false, ttl);
        int _ = plane.accepted(connection);
        try (InputStream in = connection.getInputStream()) {
            OutputStream out = Channels.newOutputStream(to);
            byte[] piece = new byte[PIECE];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                out.write(piece, 0, count);
            }
        }
    }
}
