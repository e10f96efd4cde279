package dev.forebay.bench.journal;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The machine's disk with file syncs that are counted and take at least a given time.
 *
 * <p>Made of proxies, so that it compiles against builds whose {@link Disk} has other methods. A
 * call costs some 100 ns more than without it; mappings are passed on as they are.
 */
public final class SlowSyncDisk {
    private final long syncNanos;
    private final AtomicLong syncs = new AtomicLong();
    private final Disk disk = proxy(Disk.class, Disk.system(), "open", this::file);

    /** What becomes of one call's result. */
    private interface Result {
        Object of(Object result, long startNanos);
    }

    public SlowSyncDisk(long syncNanos) {
        this.syncNanos = syncNanos;
    }

    public Disk disk() {
        return disk;
    }

    /** Syncs of files so far. */
    public long syncs() {
        return syncs.get();
    }

    private Object file(Object opened, long startNanos) {
        return proxy(DiskFile.class, (DiskFile) opened, "sync", this::synced);
    }

    /** A method without a result gives null. */
    @SuppressWarnings("NullAway")
    private Object synced(Object nothing, long startNanos) {
        syncs.incrementAndGet();
        LockSupport.parkNanos(syncNanos - (System.nanoTime() - startNanos));
        return nothing;
    }

    private static <T> T proxy(Class<T> type, T target, String method, Result result) {
        InvocationHandler handler =
                (self, called, arguments) -> {
                    long start = System.nanoTime();
                    Object returned = call(target, called, arguments);
                    return called.getName().equals(method) ? result.of(returned, start) : returned;
                };
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
