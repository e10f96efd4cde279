package dev.forebay.blobhttp;

import dev.forebay.base.Printable;
import dev.forebay.blob.ContainerException.Fault;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;

/**
 * What a request that got no answer says about the other side.
 *
 * <p>A failure may pass if a server that is being restarted, or the network before it, can cause
 * it. What cannot be such a server, since it speaks another protocol and no answer of HTTP ever
 * came from it, is a failure for good.
 *
 * @param fault its class
 * @param reason in words, with the next step where there is one
 */
record FailedExchange(Fault fault, String reason) {
    private static final String UNKNOWN_HOST =
            "the name of the host is not known; check the URL and the network";

    /**
     * The meaning of a failure.
     *
     * @param known whether the name of the host was known before
     * @param answered whether an answer of HTTP came from the other side before
     */
    static FailedExchange of(IOException e, boolean known, boolean answered) {
        if (e instanceof ProxyException proxy) {
            return new FailedExchange(
                    proxy.mayPass() ? Fault.UNAVAILABLE : Fault.FAILED,
                    Printable.of(String.valueOf(e.getMessage())));
        }
        if (isUnresolved(e)) {
            return new FailedExchange(known ? Fault.UNAVAILABLE : Fault.FAILED, UNKNOWN_HOST);
        }
        // The JDK says of some failures nothing.
        String said = e.getMessage() != null ? e.getMessage() : "no connection";
        String reason = Printable.of(said);
        if (hasCause(e, CertificateException.class)) {
            return new FailedExchange(
                    Fault.FAILED, reason + "; expected a certificate that Java trusts");
        }
        if (!answered) {
            if (e instanceof SSLException && !hasCause(e, SocketException.class)) {
                return new FailedExchange(
                        Fault.FAILED,
                        reason + "; expected a server that speaks TLS; try http:// in the URL");
            }
            if (e instanceof FoundTlsException) {
                return new FailedExchange(Fault.FAILED, reason + "; use https in the URL");
            }
            if (e instanceof ProtocolException) {
                return new FailedExchange(
                        Fault.FAILED,
                        reason + "; expected a Forebay or Tyger server; check host and port");
            }
        }
        return switch (e) {
            case HttpConnectTimeoutException _ -> new FailedExchange(Fault.UNAVAILABLE, reason);
            case HttpTimeoutException _ ->
                    new FailedExchange(
                            Fault.TIMED_OUT,
                            answered ? reason : reason + "; is it a Forebay or Tyger server?");
            default -> new FailedExchange(Fault.UNAVAILABLE, reason);
        };
    }

    /** True if the name of the host could not be looked up. */
    static boolean isUnresolved(IOException e) {
        return hasCause(e, UnresolvedAddressException.class);
    }

    private static boolean hasCause(Throwable e, Class<? extends Exception> kind) {
        for (Throwable each = e; each != null; each = each.getCause()) {
            if (kind.isInstance(each)) {
                return true;
            }
        }
        return false;
    }
}
