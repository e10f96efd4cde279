package dev.forebay.identity;

import dev.forebay.base.Printable;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A name that a certificate holds: of a host, also {@code *.} and a domain, or an address.
 *
 * @param text lower case; an address in the form of {@link InetAddress#getHostAddress}
 */
record ServerName(String text, boolean address) implements Comparable<ServerName> {
    private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    private static final Pattern HOST =
            Pattern.compile("(\\*\\.)?(%s\\.)*%s".formatted(LABEL, LABEL));
    private static final Pattern IPV4 = Pattern.compile("[0-9]+(\\.[0-9]+){3}");
    private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
    private static final int LONGEST = 253;

    /** The name in {@code text}, or empty if it is none. */
    static Optional<ServerName> parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains(":") || IPV4.matcher(lower).matches()) {
            try {
                return Optional.of(
                        new ServerName(InetAddress.ofLiteral(lower).getHostAddress(), true));
            } catch (IllegalArgumentException e) {
                return Optional.empty(); // The caller says what was expected.
            }
        }
        boolean legal =
                lower.length() <= LONGEST
                        && HOST.matcher(lower).matches()
                        && !NUMBERS.matcher(lower).matches();
        return legal ? Optional.of(new ServerName(lower, false)) : Optional.empty();
    }

    /**
     * The name in {@code text}.
     *
     * @throws IllegalArgumentException if it is none; the message says what was expected
     */
    static ServerName of(String text) {
        return parse(text)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "expected the name of a host or an IP address, found '"
                                        + Printable.of(text)
                                        + "'"));
    }

    /** The address of 4 or 16 bytes. */
    static ServerName ofAddress(byte[] bytes) {
        try {
            return new ServerName(InetAddress.getByAddress(bytes).getHostAddress(), true);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address of " + bytes.length + " bytes", e);
        }
    }

    /** True if a certificate for {@code permitted} and the hosts below it may hold this name. */
    boolean within(ServerName permitted) {
        return address || permitted.address
                ? equals(permitted)
                : domain().equals(permitted.text) || domain().endsWith("." + permitted.text);
    }

    /** The bytes of an address. */
    byte[] bytes() {
        return InetAddress.ofLiteral(text).getAddress();
    }

    /** What permits this name and, for a host, those below it. */
    String domain() {
        return text.startsWith("*.") ? text.substring(2) : text;
    }

    @Override
    public int compareTo(ServerName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
