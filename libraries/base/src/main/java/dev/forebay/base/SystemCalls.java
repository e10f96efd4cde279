package dev.forebay.base;

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
import java.nio.charset.Charset;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The Linux system calls that the JDK does not offer: {@code syncfs(2)}, {@code fallocate(2)},
 * {@code madvise(2)}, and {@code fcntl(2)} for open file description locks. Elsewhere {@link
 * #available} is false and the callers take the long way. Each call blocks its platform thread.
 */
final class SystemCalls {
    private static final int READ_ONLY = 0;
    private static final int READ_WRITE = 2;
    private static final int CREATE = 0100;
    private static final int CLOSE_ON_EXEC = 02000000;
    private static final int OWNER_ONLY = 0600;
    private static final int SET_OPEN_FILE_LOCK = 37;
    private static final short WRITE_LOCK = 1;
    private static final int ACCESS = 13;
    private static final int NO_ENTRY = 2;
    private static final int INTERRUPTED = 4;
    private static final int TRY_AGAIN = 11;
    private static final int INVALID = 22;
    private static final int NO_SPACE = 28;
    private static final int NO_LOCKS = 37;
    private static final int NOT_SUPPORTED = 95;
    private static final int QUOTA_EXCEEDED = 122;
    private static final int RANDOM = 1;
    private static final int WILL_NEED = 3;
    private static final int POPULATE_READ = 22;
    private static final int POPULATE_WRITE = 23;
    private static final long PAGE = 4096;

    /**
     * {@code struct flock} of 64-bit Linux: type, whence, start, length (0 for the whole file) and
     * process id.
     *
     * <pre>
     *  0        2         4        8         16        24       28      32
     *  | l_type | l_whence | (pad) | l_start | l_len   | l_pid  | (pad) |
     * </pre>
     */
    private static final long FLOCK = 32;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private SystemCalls() {}

    static boolean available() {
        return System.getProperty("os.name", "").equals("Linux")
                && ValueLayout.ADDRESS.byteSize() == Long.BYTES
                && SystemCalls.class.getModule().isNativeAccessEnabled();
    }

    static void syncFileSystem(Path path) throws IOException {
        int errno =
                withDescriptor(
                        path, READ_ONLY, (fd, state) -> (int) Calls.SYNCFS.invokeExact(state, fd));
        if (errno != 0) {
            throw failed("syncfs", path, errno);
        }
    }

    /** False if the file system cannot reserve blocks this way. */
    static boolean allocate(Path path, long offset, long length) throws IOException {
        int errno =
                withDescriptor(
                        path,
                        READ_WRITE,
                        (fd, state) ->
                                (int) Calls.FALLOCATE.invokeExact(state, fd, 0, offset, length));
        if (errno == NOT_SUPPORTED) {
            return false;
        }
        if (errno != 0) {
            throw failed("fallocate", path, errno);
        }
        return true;
    }

    /** What came of an attempt to lock an open file. */
    sealed interface OpenFileLock {
        /** Held until {@link #release}, or the end of the process. */
        record Held(int descriptor, Path path) implements OpenFileLock {
            void release() throws IOException {
                SystemCalls.close(descriptor, path);
            }
        }

        /** Another open file has it. */
        record Refused() implements OpenFileLock {}

        /** The system or the file system has no such locks. */
        record Unsupported() implements OpenFileLock {}
    }

    /**
     * Opens the file, which is made with mode 0600 if need be, and takes an exclusive lock on it
     * that belongs to this opening alone.
     */
    static OpenFileLock lock(Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment range = arena.allocate(FLOCK);
            range.set(ValueLayout.JAVA_SHORT, 0, WRITE_LOCK);
            int descriptor = open(path, READ_WRITE | CREATE, arena, state);
            int result;
            do {
                result =
                        (int) Calls.FCNTL.invokeExact(state, descriptor, SET_OPEN_FILE_LOCK, range);
            } while (result != 0 && errno(state) == INTERRUPTED);
            if (result == 0) {
                return new OpenFileLock.Held(descriptor, path);
            }
            int errno = errno(state);
            close(descriptor, path);
            return switch (errno) {
                case TRY_AGAIN, ACCESS -> new OpenFileLock.Refused();
                case INVALID, NO_LOCKS, NOT_SUPPORTED -> new OpenFileLock.Unsupported();
                default -> throw failed("fcntl", path, errno);
            };
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }

    private static int open(Path path, int flags, Arena arena, MemorySegment state)
            throws Throwable {
        MemorySegment name = nativeName(path, arena);
        int descriptor =
                (int) Calls.OPEN.invokeExact(state, name, flags | CLOSE_ON_EXEC, OWNER_ONLY);
        if (descriptor < 0) {
            throw failed("open", path, errno(state));
        }
        return descriptor;
    }

    /** The path in the encoding that the virtual machine uses for file names. */
    private static MemorySegment nativeName(Path path, Arena arena) {
        Charset names = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        byte[] bytes = path.toAbsolutePath().toString().getBytes(names);
        MemorySegment name = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return name;
    }

    private static void close(int descriptor, Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int) Calls.CLOSE.invokeExact(state, descriptor);
            if (result != 0 && errno(state) != INTERRUPTED) {
                throw failed("close", path, errno(state));
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }

    /** Has the system read of a mapping only the pages that are touched ({@code MADV_RANDOM}). */
    static void readUnaskedNothing(MemorySegment range, Arena mapping) {
        advise(range, mapping, RANDOM);
    }

    /**
     * Has pages of a shared mapping in memory, and writable if they are {@code forStores} ({@code
     * MADV_WILLNEED}, which reads many at a time, then {@code MADV_POPULATE_READ} or {@code
     * _WRITE}, Linux 5.14); false if the system does not know that.
     */
    static boolean populate(MemorySegment range, Arena mapping, boolean forStores)
            throws IOException {
        advise(range, mapping, WILL_NEED);
        while (true) {
            int errno = advise(range, mapping, forStores ? POPULATE_WRITE : POPULATE_READ);
            switch (errno) {
                case 0 -> {
                    return true;
                }
                case INTERRUPTED, TRY_AGAIN -> {}
                case INVALID -> {
                    return false;
                }
                default ->
                        throw new IOException(
                                "pages of a mapped file cannot be had, errno " + errno);
            }
        }
    }

    /** Calls {@code madvise} for the pages that the range lies in; 0 or the error number. */
    private static int advise(MemorySegment range, Arena mapping, int advice) {
        long before = range.address() & (PAGE - 1);
        MemorySegment pages =
                MemorySegment.ofAddress(range.address() - before)
                        .reinterpret(range.byteSize() + before, mapping, null);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int) Calls.MADVISE.invokeExact(state, pages, pages.byteSize(), advice);
            return result == 0 ? 0 : errno(state);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }

    private interface Call {
        int on(int descriptor, MemorySegment state) throws Throwable;
    }

    /**
     * Runs {@code call} on a descriptor of its own, again while it is interrupted; 0 or the error
     * number.
     */
    private static int withDescriptor(Path path, int flags, Call call) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int descriptor = open(path, flags, arena, state);
            try {
                while (true) {
                    if (call.on(descriptor, state) == 0) {
                        return 0;
                    }
                    if (errno(state) != INTERRUPTED) {
                        return errno(state);
                    }
                }
            } finally {
                close(descriptor, path);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    private static IOException failed(String call, Path path, int errno) {
        return switch (errno) {
            case NO_SPACE, QUOTA_EXCEEDED -> new NoSpaceException(path, null);
            case NO_ENTRY -> new NoSuchFileException(path.toString());
            default -> new IOException(call + " of " + path + " failed with errno " + errno);
        };
    }

    /** Bound on first use only: a short command that syncs nothing does not pay for it. */
    private static final class Calls {
        private static final Linker LINKER = Linker.nativeLinker();

        static final MethodHandle OPEN =
                bind(
                        "open",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT),
                        Linker.Option.firstVariadicArg(2),
                        Linker.Option.captureCallState("errno"));
        static final MethodHandle CLOSE =
                bind(
                        "close",
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                        Linker.Option.captureCallState("errno"));
        static final MethodHandle FCNTL =
                bind(
                        "fcntl",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS),
                        Linker.Option.firstVariadicArg(2),
                        Linker.Option.captureCallState("errno"));
        static final MethodHandle SYNCFS =
                bind(
                        "syncfs",
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                        Linker.Option.captureCallState("errno"));
        static final MethodHandle FALLOCATE =
                bind(
                        "fallocate",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG),
                        Linker.Option.captureCallState("errno"));
        static final MethodHandle MADVISE =
                bind(
                        "madvise",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_INT),
                        Linker.Option.captureCallState("errno"));

        private static MethodHandle bind(
                String name, FunctionDescriptor shape, Linker.Option... options) {
            return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), shape, options);
        }
    }
}
