package dev.forebay.blobhttp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLSocket;

/** The bytes of a connection both ways; blocks. One thread writes or reads at a time. */
sealed interface Wire {
    /** Reads what is there, waiting for a byte; -1 at the end. */
    int read(ByteBuffer target) throws IOException;

    /** Writes a part of {@code source}, waiting for room; returns how much. */
    int write(ByteBuffer source) throws IOException;

    /** Between the buffers of the caller and the socket. */
    record Plain(SocketChannel channel) implements Wire {
        @Override
        public int read(ByteBuffer target) throws IOException {
            return channel.read(target);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return channel.write(source);
        }
    }

    /** Through TLS, by way of arrays of the size of its records. */
    final class Tls implements Wire {
        private final InputStream input;
        private final OutputStream output;
        private final byte[] piece = new byte[16 * 1024];

        Tls(SSLSocket socket) throws IOException {
            this.input = socket.getInputStream();
            this.output = socket.getOutputStream();
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            int count = input.read(piece, 0, Math.min(piece.length, target.remaining()));
            if (count > 0) {
                target.put(piece, 0, count);
            }
            return count;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int count = Math.min(piece.length, source.remaining());
            source.get(piece, 0, count);
            output.write(piece, 0, count);
            return count;
        }
    }
}
