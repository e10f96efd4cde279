package dev.forebay.cli;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/**
 * Takes SIGTERM and SIGINT as the wish that the program end, in place of the JVM, which would end
 * with 143 or 130 however well it went.
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
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(),
                            new Class<?>[] {handler},
                            (_, _, _) -> {
                                signals.told.countDown();
                                return null;
                            });
            for (String name : new String[] {"TERM", "INT"}) {
                Object one = signal.getConstructor(String.class).newInstance(name);
                signal.getMethod("handle", signal, handler).invoke(null, one, ours);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this JDK has no sun.misc.Signal; expected JDK 25 with the module jdk.unsupported",
                    e);
        }
        return signals;
    }

    void await() throws InterruptedException {
        told.await();
    }
}
