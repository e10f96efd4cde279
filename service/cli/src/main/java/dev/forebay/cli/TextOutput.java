package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;

/** Writes bytes of UTF-8 as text; what is none is replaced. Leaves its writer open. */
final class TextOutput extends OutputStream {
    private static final int PIECE = 8 << 10;

    private final Writer to;
    private final CharsetDecoder decoder =
            UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private final ByteBuffer bytes = ByteBuffer.allocate(PIECE);
    private final CharBuffer text = CharBuffer.allocate(PIECE);

    TextOutput(Writer to) {
        this.to = to;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] some, int from, int count) throws IOException {
        int at = from;
        while (at < from + count) {
            int length = Math.min(bytes.remaining(), from + count - at);
            bytes.put(some, at, length);
            at += length;
            decode(false);
        }
    }

    private void decode(boolean last) throws IOException {
        bytes.flip();
        decoder.decode(bytes, text, last); // One byte gives one character at most.
        bytes.compact();
        to.append(text.flip());
        text.clear();
    }

    @Override
    public void flush() throws IOException {
        to.flush();
    }

    @Override
    public void close() throws IOException {
        decode(true);
        flush();
    }
}
