package dev.forebay.blobhttp;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Through which HTTP proxy, if any, the requests to a server go: a tunnel by {@code CONNECT} to a
 * server of {@code https}, whose proxy then sees nothing but its name; the whole URL in the request
 * to a server of {@code http}.
 *
 * <p><b>Guarantee.</b> A server that is meant to be reached through a proxy is never reached
 * without it. The name and password of a proxy are in no text of this class and go to the proxy
 * alone.
 *
 * <p><b>Limit.</b> The proxy itself is reached by plain HTTP; SOCKS is not spoken, and of the ways
 * to prove a name only {@code Basic}.
 *
 * <p>A value; never blocks.
 */
public final class HttpProxy {
    private static final int PORT = 80;
    private static final HttpProxy NONE = new HttpProxy(null, null);

    private final @Nullable Hop hop;

    /** Servers that are reached directly; null: every server, by any scheme, goes through. */
    private final @Nullable NoProxy exceptions;

    private HttpProxy(@Nullable Hop hop, @Nullable NoProxy exceptions) {
        this.hop = hop;
        this.exceptions = exceptions;
    }

    /**
     * A proxy on the way.
     *
     * @param host its name or address, without brackets
     * @param port 1 to 65535
     * @param authorization the value of {@code Proxy-Authorization}, if it wants a name
     */
    public record Hop(String host, int port, Optional<String> authorization) {
        /**
         * What to say of a request that it did not let through.
         *
         * @param how what it answered, or why it was not reached
         * @return a sentence with the next step
         */
        public String stopped(@Nullable String how) {
            return "the proxy %s on the way: %s; is it running, does it let this server through, and does it want a name (http://NAME:PASSWORD@%s)?"
                    .formatted(this, how, this);
        }

        /** Host and port; never the name and the password. */
        @Override
        public String toString() {
            return hostAndPort(host, port);
        }
    }

    /**
     * No proxy, whatever the system or the environment says.
     *
     * @return that choice
     */
    public static HttpProxy none() {
        return NONE;
    }

    /**
     * One proxy for all servers.
     *
     * @param url {@code http://HOST:PORT} or {@code http://NAME:PASSWORD@HOST:PORT}; the scheme may
     *     be left out, the port is then 80
     * @return that choice
     * @throws IllegalArgumentException if it is none; its message has no password
     */
    public static HttpProxy at(String url) {
        return new HttpProxy(hop(url), null);
    }

    /**
     * As most programs do: {@code HTTPS_PROXY} or {@code https_proxy} for servers of {@code https},
     * but for those that {@code NO_PROXY} or {@code no_proxy} names and this machine; none for
     * servers of {@code http}.
     *
     * @param variables the environment; null for one that is unset
     * @return that choice
     * @throws IllegalArgumentException if the variable names no proxy; its message has no password
     */
    public static HttpProxy ofEnvironment(Function<String, @Nullable String> variables) {
        for (String name : new String[] {"HTTPS_PROXY", "https_proxy"}) {
            String url = variables.apply(name);
            if (url != null && !url.isBlank()) {
                try {
                    return new HttpProxy(hop(url), NoProxy.ofEnvironment(variables));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
                }
            }
        }
        return NONE;
    }

    /**
     * {@return the proxy on the way to the server of this URL, which is {@code http} or {@code
     * https}}
     *
     * @param server its URL
     */
    public Optional<Hop> to(URI server) {
        return to(Place.of(server));
    }

    Optional<Hop> to(Place place) {
        boolean direct = exceptions != null && (!place.tls() || exceptions.has(place));
        return direct ? Optional.empty() : Optional.ofNullable(hop);
    }

    private static Hop hop(String text) {
        String stripped = text.strip();
        try {
            URI uri =
                    URI.create(
                            (stripped.contains("://") ? stripped : "http://" + stripped)
                                    .replaceAll("/+$", ""));
            boolean bare =
                    uri.getRawPath().isEmpty()
                            && uri.getRawQuery() == null
                            && uri.getRawFragment() == null;
            if ("http".equals(uri.getScheme().toLowerCase(Locale.ROOT))
                    && bare
                    && uri.getHost() != null
                    && uri.getPort() != 0
                    && uri.getPort() <= 0xffff) {
                Place place = Place.of(uri);
                int port = uri.getPort() < 0 ? PORT : uri.getPort();
                return new Hop(place.host(), port, authorization(uri.getRawUserInfo()));
            }
        } catch (IllegalArgumentException e) {
            // What Java says of a text shows it whole, with the password.
            throw notProxy(stripped);
        }
        throw notProxy(stripped);
    }

    private static Optional<String> authorization(@Nullable String info) {
        if (info == null) {
            return Optional.empty();
        }
        String user = info.contains(":") ? info : info + ":";
        // A plus is a plus there, not a blank.
        String plain = URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8);
        byte[] bytes = plain.getBytes(StandardCharsets.UTF_8);
        return Optional.of("Basic " + Base64.getEncoder().encodeToString(bytes));
    }

    private static IllegalArgumentException notProxy(String text) {
        String shown = text.replaceFirst("^([^/]*//)?.*@", "$1...@");
        return new IllegalArgumentException(
                "'%s' is not a proxy; expected http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT"
                        .formatted(shown));
    }

    static String hostAndPort(String host, int port) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Without name and password. */
    @Override
    public String toString() {
        if (hop == null) {
            return "none";
        }
        return exceptions == null ? "http://" + hop : "http://" + hop + " for https";
    }
}
