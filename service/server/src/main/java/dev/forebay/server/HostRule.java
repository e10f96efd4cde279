package dev.forebay.server;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Keeps web pages out of one listener. A browser that a foreign page sent here names that page's
 * host in {@code Origin}, or, after the page's name was bound to this address, in {@code Host}.
 * Allowed are the loopback names, the address that is listened on, the host of the public URL and
 * the names in the server's certificate, on any port. At a listener beyond loopback, any address is
 * allowed too: a page's name cannot be an address.
 */
final class HostRule {
    private static final Pattern ADDRESS = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    private final Set<String> allowed = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));

    private final boolean anyAddress;

    HostRule(String bound, Optional<URI> publicUrl) {
        this(bound, publicUrl, List.of(), false);
    }

    /**
     * @param names further hosts, also as {@code *.} and a domain
     * @param anyAddress true to allow every IP address
     */
    HostRule(String bound, Optional<URI> publicUrl, List<String> names, boolean anyAddress) {
        this.anyAddress = anyAddress;
        names.forEach(name -> allowed.add(lower(Listener.bracketed(name))));
        allowed.add(lower(bound));
        publicUrl.map(URI::getHost).ifPresent(host -> allowed.add(lower(host)));
    }

    boolean allowsHost(String host) {
        String name = lower(host);
        return allowed.contains(name)
                || allowed.contains("*" + name.substring(Math.max(0, name.indexOf('.'))))
                || anyAddress && isAddress(name);
    }

    private static boolean isAddress(String host) {
        return host.startsWith("[") && host.endsWith("]") || ADDRESS.matcher(host).matches();
    }

    /** True if every value of {@code Origin} is allowed; browsers send one, other clients none. */
    boolean allowsOrigins(List<String> origins) {
        return origins.stream().allMatch(this::allowsOrigin);
    }

    private boolean allowsOrigin(String origin) {
        try {
            String host = URI.create(origin).getHost();
            return host != null && allowsHost(host);
        } catch (IllegalArgumentException e) {
            return false; // Not a URL, so not one of the allowed.
        }
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
