package dev.forebay.server;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The machine's disk, with a word to say before every call on it or on a file of it. */
final class WatchedDisk {
    private WatchedDisk() {}

    /** What happens before a call. */
    @FunctionalInterface
    interface Before {
        /**
         * True to let the call be, false to leave it out as a broken twin would. It may block.
         *
         * @param call the method's name
         * @param path what it is about; for calls on a file, the file
         * @throws IOException to make the call fail
         */
        boolean allows(String call, Path path) throws IOException, InterruptedException;
    }

    static Disk with(Before before) {
        return proxy(Disk.class, Disk.system(), before, null);
    }

    private static <T> T proxy(Class<T> type, T real, Before before, @Nullable Path file) {
        InvocationHandler handler =
                (_, method, arguments) -> {
                    Path path = file != null ? file : pathOf(arguments);
                    if (path != null && !before.allows(method.getName(), path)) {
                        return null;
                    }
                    Object result = call(real, method, arguments);
                    return result instanceof DiskFile opened
                            ? proxy(DiskFile.class, opened, before, path)
                            : result;
                };
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static @Nullable Path pathOf(Object @Nullable [] arguments) {
        return arguments != null && arguments.length > 0 && arguments[0] instanceof Path path
                ? path
                : null;
    }

    private static @Nullable Object call(Object real, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
