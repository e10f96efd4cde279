package dev.forebay.blobhttp;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The proxy on the way is not there, or does not let a request through. */
final class ProxyException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean mayPass;

    private ProxyException(String message, boolean mayPass, @Nullable Throwable cause) {
        super(message, cause);
        this.mayPass = mayPass;
    }

    /** What it answered instead of letting the request through. */
    static ProxyException refusal(HttpProxy.Hop proxy, String what, int status) {
        String next =
                status == 407
                        ? "it wants a name and a password: http://NAME:PASSWORD@" + proxy
                        : "look at the proxy's rules, or choose another way by --proxy";
        return new ProxyException(
                "the proxy %s answered %s with status %d; %s".formatted(proxy, what, status, next),
                status >= 500 || status == 429,
                null);
    }

    /** There is no connection to it. */
    static ProxyException unreachable(HttpProxy.Hop proxy, IOException cause) {
        return new ProxyException(
                "the proxy %s: %s; is it running, and is --proxy right?"
                        .formatted(proxy, cause.getMessage()),
                !FailedExchange.isUnresolved(cause),
                cause);
    }

    /** Whether the same request may get through later. */
    boolean mayPass() {
        return mayPass;
    }
}
