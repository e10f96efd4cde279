package dev.forebay.base;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes, 0 to 2<sup>63</sup>-1, with the one text form used by flags, settings and
 * messages.
 *
 * <p>Text is a number, decimals allowed, and a unit; several terms may be chained ({@code
 * 1GB512MB}). Units are {@code B}, {@code K}, {@code M}, {@code G}, {@code T}, {@code P}, {@code
 * E}, the letters optionally followed by {@code B} or {@code iB}; all are powers of 1024 and upper
 * case. A bare number is bytes. These are the rules of the reference client ({@code 10G} = {@code
 * 10GiB}, {@code 10g} is an error), less its negative sizes.
 *
 * @param bytes 0 or more
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
    private static final Map<String, Integer> SHIFT_OF_UNIT =
            Map.of("", 0, "K", 10, "M", 20, "G", 30, "T", 40, "P", 50, "E", 60);
    private static final String UNITS = "KMGTPE";
    private static final Pattern TERM =
            Pattern.compile("([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]?)i?B");
    private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final int LONGEST_TEXT = 64;

    /** Checks that the number is not negative. */
    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes < 0: " + bytes);
        }
    }

    /**
     * A size in bytes.
     *
     * @param bytes 0 or more
     * @return that size
     */
    public static ByteSize of(long bytes) {
        return new ByteSize(bytes);
    }

    /**
     * A size in kibibytes of 1024 bytes.
     *
     * @param kibibytes 0 to 2<sup>53</sup>-1
     * @return that size
     */
    public static ByteSize ofKiB(long kibibytes) {
        return new ByteSize(Math.multiplyExact(kibibytes, 1L << 10));
    }

    /**
     * A size in mebibytes of 1024 * 1024 bytes.
     *
     * @param mebibytes 0 to 2<sup>43</sup>-1
     * @return that size
     */
    public static ByteSize ofMiB(long mebibytes) {
        return new ByteSize(Math.multiplyExact(mebibytes, 1L << 20));
    }

    /**
     * Reads the text form; a fraction of a byte is cut off.
     *
     * @param text such as {@code 64KiB} or {@code 1.5G}
     * @return the size
     * @throws IllegalArgumentException if the text is not a size or is larger than 2<sup>63</sup>-1
     *     bytes
     */
    public static ByteSize parse(String text) {
        String trimmed = text.strip();
        String whole = trimmed.endsWith("B") ? trimmed : trimmed + "B";
        Matcher term = TERM.matcher(whole);
        BigDecimal sum = BigDecimal.ZERO;
        int at = 0;
        while (whole.length() <= LONGEST_TEXT && term.find(at) && term.start() == at) {
            int shift = SHIFT_OF_UNIT.getOrDefault(term.group(2), 0);
            sum = sum.add(new BigDecimal(term.group(1)).multiply(BigDecimal.valueOf(1L << shift)));
            at = term.end();
        }
        if (at == 0 || at != whole.length()) {
            String shown =
                    text.length() <= LONGEST_TEXT
                            ? text
                            : text.substring(0, LONGEST_TEXT)
                                    + "... ("
                                    + text.length()
                                    + " characters)";
            throw new IllegalArgumentException(
                    "'"
                            + shown
                            + "' is not a size; expected a number and a unit such as 512, 64KiB, 4MB or 10G (upper case, powers of 1024)");
        }
        if (sum.compareTo(LARGEST) > 0) {
            throw new IllegalArgumentException(
                    "'" + text + "' is more than " + Long.MAX_VALUE + " bytes");
        }
        return new ByteSize(sum.longValue());
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /**
     * For people: three significant digits or an exact number, such as {@code 4 MiB}, {@code 1.25
     * GiB}, {@code 17 B}.
     */
    @Override
    public String toString() {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        double value = (double) bytes / (1L << (10 * unit));
        if (value >= 1023.5 && unit < UNITS.length()) {
            // It would be printed as 1024 of its unit.
            unit++;
            value = 1;
        }
        String digits =
                String.format(
                        Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
        String shortest =
                digits.contains(".") ? digits.replaceAll("0+$", "").replaceAll("\\.$", "") : digits;
        return shortest + " " + UNITS.charAt(unit - 1) + "iB";
    }
}
