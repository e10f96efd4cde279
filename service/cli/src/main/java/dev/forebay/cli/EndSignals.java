package dev.forebay.cli;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Takes SIGTERM and SIGINT as the wish that the program end, in place of the JVM, which would end
 * with 143 or 130 however well it went. SIGHUP is such a wish if a standard stream was a terminal
 * at the beginning, which then has gone; otherwise it is ignored.
 *
 * <p>Limit: the handler is the JDK's unsupported one, which no later version is bound to keep, so
 * it is looked up by name; where it is missing the JVM's own way stands.
 */
final class EndSignals {
    private final CountDownLatch told = new CountDownLatch(1);

    private EndSignals() {}

    /** Takes the signals from now on; only the first is needed. */
    static EndSignals taken() {
        EndSignals signals = new EndSignals();
        handle(_ -> signals.told.countDown(), "TERM", "INT");
        boolean onTerminal = Terminal.isAny();
        handle(
                _ -> {
                    if (onTerminal) {
                        signals.told.countDown();
                    }
                },
                "HUP");
        return signals;
    }

    /**
     * From now on {@code action} gets the number of each of these signals, on a thread of its own.
     */
    static void handle(IntConsumer action, String... names) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(),
                            new Class<?>[] {handler},
                            (_, _, arguments) -> {
                                action.accept(
                                        (int) signal.getMethod("getNumber").invoke(arguments[0]));
                                return null;
                            });
            for (String name : names) {
                Object one = signal.getConstructor(String.class).newInstance(name);
                signal.getMethod("handle", signal, handler).invoke(null, one, ours);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this JDK has no sun.misc.Signal; expected JDK 25 with the module jdk.unsupported",
                    e);
        }
    }

    void await() throws InterruptedException {
        told.await();
    }

    /** Whether one came within {@code time}, for which this waits at most. */
    boolean await(Duration time) throws InterruptedException {
        return told.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
