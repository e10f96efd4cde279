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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The Linux system calls that the JDK does not offer: {@code syncfs(2)}, {@code fallocate(2)} and
 * {@code madvise(2)}. Elsewhere {@link #available} is false and the callers take the long way. Each
 * call blocks its platform thread.
 */
final class SystemCalls {
    private static final int READ_ONLY = 0;
    private static final int READ_WRITE = 2;
    private static final int CLOSE_ON_EXEC = 02000000;
    private static final int NO_ENTRY = 2;
    private static final int INTERRUPTED = 4;
    private static final int TRY_AGAIN = 11;
    private static final int INVALID = 22;
    private static final int NO_SPACE = 28;
    private static final int NOT_SUPPORTED = 95;
    private static final int QUOTA_EXCEEDED = 122;
    private static final int RANDOM = 1;
    private static final int WILL_NEED = 3;
    private static final int POPULATE_READ = 22;
    private static final int POPULATE_WRITE = 23;
    private static final long PAGE = 4096;

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
            MemorySegment name = arena.allocateFrom(path.toAbsolutePath().toString());
            int descriptor = (int) Calls.OPEN.invokeExact(state, name, flags | CLOSE_ON_EXEC);
            if (descriptor < 0) {
                throw failed("open", path, errno(state));
            }
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
                int closed = (int) Calls.CLOSE.invokeExact(descriptor);
                assert closed == 0 : path;
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
                                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                        Linker.Option.firstVariadicArg(2),
                        Linker.Option.captureCallState("errno"));
        static final MethodHandle CLOSE =
                bind("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
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
