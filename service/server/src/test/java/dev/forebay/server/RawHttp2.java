package dev.forebay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Map;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.hpack.HpackDecoder;

/**
 * A connection of HTTP/2 that sends what a test says, frame by frame, so that a request can stop in
 * the middle of its body. For one thread; reading fails after two minutes.
 */
final class RawHttp2 implements AutoCloseable {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RESET = 3;
    private static final int SETTINGS = 4;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;

    private final SSLSocket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private final HpackDecoder headers = new HpackDecoder(64 << 10, System::nanoTime);
    private int lastStream = -1;

    RawHttp2(Tls tls, URI server) throws IOException, GeneralSecurityException {
        socket =
                (SSLSocket)
                        tls.context()
                                .getSocketFactory()
                                .createSocket(server.getHost(), server.getPort());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(120_000);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
        out.write(PREFACE);
        frame(SETTINGS, 0, 0, new byte[0]);
    }

    private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
        frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
        frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
        out.write(frame.array());
        out.flush();
    }

    /** Begins a POST and returns its stream. */
    int post(String path, Map<String, String> fields) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        field(block, ":method", "POST");
        field(block, ":scheme", "https");
        field(block, ":authority", "localhost");
        field(block, ":path", path);
        fields.forEach((name, value) -> field(block, name, value));
        lastStream += 2;
        frame(HEADERS, END_HEADERS, lastStream, block.toByteArray());
        return lastStream;
    }

    /** A literal field without indexing, of a name and a value without compression. */
    private static void field(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        text(block, name);
        text(block, value);
    }

    private static void text(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(US_ASCII);
        if (bytes.length < 127) {
            block.write(bytes.length);
        } else {
            int rest = bytes.length - 127;
            block.write(127);
            for (; rest >= 128; rest >>= 7) {
                block.write(rest & 127 | 128);
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    /** Sends at most 16 KiB of a body. */
    void data(int stream, byte[] bytes) throws IOException {
        frame(DATA, 0, stream, bytes);
    }

    /** Cancels a stream, as clients of gRPC do. */
    void cancel(int stream) throws IOException {
        frame(RESET, 0, stream, new byte[] {0, 0, 0, 8});
    }

    /** Reads until a stream's answer, and returns the first fields of it. */
    HttpFields answer(int stream) throws IOException {
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int of = in.readInt();
            byte[] payload = in.readNBytes(length);
            if (type == SETTINGS && (flags & ACK) == 0) {
                frame(SETTINGS, ACK, 0, new byte[0]);
            } else if (type == RESET && of == stream) {
                throw new IOException("the server reset stream " + stream);
            } else if (type == HEADERS) {
                MetaData read = decode(payload);
                if (of == stream) {
                    return read.getHttpFields();
                }
            }
        }
    }

    private MetaData decode(byte[] payload) throws IOException {
        try {
            return headers.decode(ByteBuffer.wrap(payload));
        } catch (Exception e) {
            throw new IOException("the server's header fields cannot be read", e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
