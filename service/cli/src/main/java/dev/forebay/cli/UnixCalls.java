package dev.forebay.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The calls of the system that {@code buffer write --from-command} needs and Java does not have.
 *
 * <p><b>Limit.</b> They need native access, which the launcher enables.
 */
final class UnixCalls {
    private static final int OWNER_ONLY = 0600;
    private static final int STREAMS = 3;

    private static final Linker LINKER = Linker.nativeLinker();

    private static final MethodHandle MKFIFO =
            call(
                    "mkfifo",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle KILL =
            call(
                    "kill",
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle GETPGRP =
            call("getpgrp", FunctionDescriptor.of(ValueLayout.JAVA_INT));
    private static final MethodHandle TCGETPGRP =
            call("tcgetpgrp", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private UnixCalls() {}

    private static MethodHandle call(String name, FunctionDescriptor types) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), types);
    }

    /** Makes a named pipe that only this user may open. */
    static void makePipe(Path path) throws IOException {
        int result;
        try (Arena arena = Arena.ofConfined()) {
            result = (int) MKFIFO.invokeExact(arena.allocateFrom(path.toString()), OWNER_ONLY);
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
        if (result != 0) {
            throw new IOException(
                    "the named pipe '%s' could not be made; does that file system have named pipes?"
                            .formatted(path));
        }
    }

    /** Sends the signal; a process that has ended does not get it. */
    static void kill(long pid, int signal) {
        try {
            int _ = (int) KILL.invokeExact(Math.toIntExact(pid), signal);
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }

    /**
     * True if a standard stream is a terminal and this process is in its foreground: Ctrl-C then
     * reaches the child processes too.
     */
    static boolean isForeground() {
        try {
            int own = (int) GETPGRP.invokeExact();
            for (int stream = 0; stream < STREAMS; stream++) {
                if ((int) TCGETPGRP.invokeExact(stream) == own) {
                    return true;
                }
            }
            return false;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }
}
