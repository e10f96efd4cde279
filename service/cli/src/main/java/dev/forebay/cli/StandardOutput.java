package dev.forebay.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Standard output that tells a consumer who went away ({@code forebay buffer read X | head -c1})
 * from an output that failed: the former is no news to anybody.
 */
final class StandardOutput implements WritableByteChannel {
    private static final int TYPE = 0170000;
    private static final int PIPE = 0010000;
    private static final int SOCKET = 0140000;
    private static final int REGULAR_FILE = 0100000;

    /** Nobody reads what is written any more. */
    static final class GoneException extends IOException {
        private static final long serialVersionUID = 1;

        GoneException(IOException cause) {
            super("the consumer of standard output has gone", cause);
        }
    }

    private final WritableByteChannel descriptor;
    private byte last = '\n';

    StandardOutput(WritableByteChannel descriptor) {
        this.descriptor = descriptor;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        try {
            int count = descriptor.write(from);
            last = count > 0 ? from.get(from.position() - 1) : last;
            return count;
        } catch (IOException e) {
            throw descriptor.isOpen() && isPipe() ? new GoneException(e) : e;
        }
    }

    /** True if it is a terminal, and what was written last ends within a line. */
    boolean isWithinLine() {
        return last != '\n' && Terminal.isStandardOutput();
    }

    /**
     * Whether standard output fails only because its consumer has gone: the message of the error
     * itself is in the user's language.
     */
    static boolean isPipe() {
        // A system that cannot tell has the failure reported.
        int type = type();
        return type == PIPE || type == SOCKET;
    }

    /** True if standard output is a regular file, so its data reach no terminal. */
    static boolean isRegularFile() {
        return type() == REGULAR_FILE;
    }

    /** What standard output is; 0 if the system cannot tell. */
    private static int type() {
        try {
            return (Integer) Files.getAttribute(Path.of("/dev/stdout"), "unix:mode") & TYPE;
        } catch (IOException | UnsupportedOperationException e) {
            return 0;
        }
    }

    @Override
    public boolean isOpen() {
        return descriptor.isOpen();
    }

    @Override
    public void close() throws IOException {
        descriptor.close();
    }
}
