package dev.forebay.blobhttp;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The servers that {@code NO_PROXY} names, and this machine: {@code *} for all, names, which stand
 * for the names below them too, addresses, and ranges such as {@code 10.0.0.0/8}; each but a range
 * may have a port. Nothing is looked up: an address is found by its digits alone. A value.
 */
record NoProxy(List<String> entries) {
    static NoProxy ofEnvironment(Function<String, @Nullable String> variables) {
        List<String> entries = new ArrayList<>();
        for (String name : new String[] {"NO_PROXY", "no_proxy"}) {
            String value = variables.apply(name);
            if (value != null) {
                for (String each : value.split("[,\\s]+", -1)) {
                    if (!each.isEmpty()) {
                        entries.add(each.toLowerCase(Locale.ROOT));
                    }
                }
            }
        }
        return new NoProxy(List.copyOf(entries));
    }

    boolean has(Place place) {
        String host = place.host().toLowerCase(Locale.ROOT);
        Optional<InetAddress> address = address(host);
        boolean here =
                host.equals("localhost")
                        || address.filter(InetAddress::isLoopbackAddress).isPresent();
        return here || entries.stream().anyMatch(each -> names(each, host, address, place.port()));
    }

    private static boolean names(
            String entry, String host, Optional<InetAddress> address, int port) {
        int slash = entry.indexOf('/');
        if (slash > 0) {
            return address.isPresent() && isIn(address.get(), entry, slash);
        }
        String name = withoutPort(entry);
        boolean samePort = name.equals(entry) || entry.endsWith(":" + port);
        if (!samePort) {
            return false;
        }
        if (name.equals("*")) {
            return true;
        }
        String bare = name.replaceAll("^\\*?\\.|^\\[|]$", "");
        boolean dotted = name.startsWith(".") || name.startsWith("*.");
        if (address.isPresent()) {
            return address.equals(address(bare));
        }
        return host.endsWith("." + bare) || !dotted && host.equals(bare);
    }

    /** An address of IPv6 without brackets has no port. */
    private static String withoutPort(String entry) {
        return address(entry).isPresent() ? entry : entry.replaceFirst(":[0-9]+$", "");
    }

    private static boolean isIn(InetAddress address, String range, int slash) {
        Optional<InetAddress> base = address(range.substring(0, slash));
        String digits = range.substring(slash + 1);
        if (base.isEmpty() || !digits.matches("[0-9]{1,3}")) {
            return false;
        }
        byte[] first = base.get().getAddress();
        byte[] asked = address.getAddress();
        int bits = Integer.parseInt(digits);
        if (first.length != asked.length || bits > 8 * first.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            if (((first[bit / 8] ^ asked[bit / 8]) >> (7 - bit % 8) & 1) != 0) {
                return false;
            }
        }
        return true;
    }

    private static Optional<InetAddress> address(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException _) {
            return Optional.empty(); // It is a name.
        }
    }
}
