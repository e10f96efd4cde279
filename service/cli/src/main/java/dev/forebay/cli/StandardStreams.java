package dev.forebay.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * Standard input and output as channels on their descriptors, without the buffers and locks of
 * {@code System.in} and {@code System.out}. Where one is a pipe and native access is allowed, the
 * pipe is made 1 MiB large, or stays as it is if the system grants no more.
 *
 * <p>A thread that is interrupted while it reads or writes closes the descriptor.
 */
final class StandardStreams {
    private static final int PIPE_BYTES = 1 << 20;

    /** {@code F_SETPIPE_SZ} of {@code fcntl(2)}. */
    private static final int SET_PIPE_SIZE = 1031;

    private StandardStreams() {}

    /** Descriptor 0. */
    static ReadableByteChannel input() {
        widen(0);
        return new FileInputStream(FileDescriptor.in).getChannel();
    }

    /** Descriptor 1. */
    static WritableByteChannel output() {
        widen(1);
        return new FileOutputStream(FileDescriptor.out).getChannel();
    }

    /**
     * Makes the pipe behind the descriptor 1 MiB large.
     *
     * @return its size in bytes from now on; -1 if it is no pipe, or the system does not allow it
     */
    static int widen(int descriptor) {
        boolean linux = System.getProperty("os.name", "").equals("Linux");
        if (!linux || !StandardStreams.class.getModule().isNativeAccessEnabled()) {
            return -1;
        }
        try {
            return (int) Calls.FCNTL.invokeExact(descriptor, SET_PIPE_SIZE, PIPE_BYTES);
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }

    /** Bound on first use only. */
    private static final class Calls {
        private static final Linker LINKER = Linker.nativeLinker();

        static final MethodHandle FCNTL =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("fcntl"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT),
                        Linker.Option.firstVariadicArg(2));
    }
}
