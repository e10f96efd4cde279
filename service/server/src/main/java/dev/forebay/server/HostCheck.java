package dev.forebay.server;

import java.net.URI;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages out: a browser that a foreign page sent here names that page's host in {@code
 * Origin}, or, after the page's name was bound to this address, in {@code Host}. Allowed are the
 * loopback names, the address that is listened on and the host of the public URL, on any port.
 */
final class HostCheck {
    private final Set<String> allowed = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));

    HostCheck(String bound, Optional<URI> publicUrl) {
        allowed.add(lower(bound));
        publicUrl.map(URI::getHost).ifPresent(host -> allowed.add(lower(host)));
    }

    boolean allowsHost(String host) {
        return allowed.contains(lower(host));
    }

    /** A request without an origin is not a browser's. */
    boolean allowsOrigin(@Nullable String origin) {
        if (origin == null) {
            return true;
        }
        try {
            String host = URI.create(origin).getHost();
            return host != null && allowed.contains(lower(host));
        } catch (IllegalArgumentException e) {
            return false; // What is not a URL is not one of ours.
        }
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
