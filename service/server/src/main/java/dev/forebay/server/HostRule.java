package dev.forebay.server;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps web pages out of one listener. A browser that a foreign page sent here names that page's
 * host in {@code Origin}, or, after the page's name was bound to this address, in {@code Host}.
 * Allowed are the loopback names, the address that is listened on and the host of the public URL,
 * on any port.
 */
final class HostRule {
    private final Set<String> allowed = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));

    HostRule(String bound, Optional<URI> publicUrl) {
        allowed.add(lower(bound));
        publicUrl.map(URI::getHost).ifPresent(host -> allowed.add(lower(host)));
    }

    boolean allowsHost(String host) {
        return allowed.contains(lower(host));
    }

    /** True if every value of {@code Origin} is allowed; browsers send one, other clients none. */
    boolean allowsOrigins(List<String> origins) {
        return origins.stream().allMatch(this::allowsOrigin);
    }

    private boolean allowsOrigin(String origin) {
        try {
            String host = URI.create(origin).getHost();
            return host != null && allowed.contains(lower(host));
        } catch (IllegalArgumentException e) {
            return false; // Not a URL, so not one of the allowed.
        }
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
