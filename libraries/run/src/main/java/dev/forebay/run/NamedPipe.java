package dev.forebay.run;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A named pipe of the file system, made by {@code mkfifo(3)}. Every method but {@link #awaitReader}
 * returns at once.
 */
record NamedPipe(Path path) {
    /** What a pipe holds if the system allows it; Linux gives any user this much. */
    static final int CAPACITY = 1 << 20;

    private static final int OWNER_ONLY = 0600;
    private static final int READ_WRITE = 2;
    private static final int CLOSE_ON_EXEC = 02000000;
    private static final int SET_PIPE_SIZE = 1031;
    private static final int NO_ENTRY = 2;
    private static final int EXISTS = 17;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** Makes a pipe with mode 0600; the name must be free. */
    static NamedPipe create(Path path) throws IOException {
        if (!NamedPipe.class.getModule().isNativeAccessEnabled()) {
            throw new IOException(
                    "pipe %s needs a system call, and native access is off: start Java with"
                                    .formatted(path)
                            + " --enable-native-access=ALL-UNNAMED");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int) Calls.MKFIFO.invokeExact(state, nativeName(path, arena), OWNER_ONLY);
            if (result != 0) {
                throw failed("mkfifo", path, (int) ERRNO.get(state, 0L));
            }
            return new NamedPipe(path);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }

    private static IOException failed(String call, Path path, int errno) {
        return switch (errno) {
            case EXISTS -> new FileAlreadyExistsException(path.toString());
            case NO_ENTRY -> new NoSuchFileException(path.toString());
            default -> new IOException(call + " of " + path + " failed with errno " + errno);
        };
    }

    /** The path in the encoding that the virtual machine uses for file names. */
    private static MemorySegment nativeName(Path path, Arena arena) {
        Charset names = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        byte[] bytes = path.toAbsolutePath().toString().getBytes(names);
        MemorySegment name = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return name;
    }

    /** Opens both ends; a thread that waits for either end goes on. */
    FileChannel openBoth() throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Opens the end for reading; some writing end must be open. */
    FileChannel openReader() throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    /** Opens the end for writing; blocks until a reading end is open, whatever interrupts. */
    FileChannel awaitReader() throws IOException {
        return FileChannel.open(path, StandardOpenOption.WRITE);
    }

    /**
     * Has the pipe hold {@link #CAPACITY} while an end of it is open. Where the system has no such
     * call, or refuses, the pipe keeps its size: that costs speed only.
     */
    void enlarge() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = nativeName(path, arena);
            int descriptor = (int) Calls.OPEN.invokeExact(name, READ_WRITE | CLOSE_ON_EXEC);
            if (descriptor >= 0) {
                int _ = (int) Calls.FCNTL.invokeExact(descriptor, SET_PIPE_SIZE, CAPACITY);
                int _ = (int) Calls.CLOSE.invokeExact(descriptor);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }

    /** Bound on first use only. */
    private static final class Calls {
        private static final Linker LINKER = Linker.nativeLinker();

        static final MethodHandle MKFIFO =
                bind(
                        "mkfifo",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                        Linker.Option.captureCallState("errno"));
        static final MethodHandle OPEN =
                bind(
                        "open",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                        Linker.Option.firstVariadicArg(2));
        static final MethodHandle FCNTL =
                bind(
                        "fcntl",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT),
                        Linker.Option.firstVariadicArg(2));
        static final MethodHandle CLOSE =
                bind("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

        private static MethodHandle bind(
                String name, FunctionDescriptor shape, Linker.Option... options) {
            return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), shape, options);
        }
    }
}
