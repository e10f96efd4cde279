package dev.forebay.wire;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of a resource as Kubernetes writes it: {@code 1}, {@code 0.5}, {@code 500m}, {@code
 * 2Gi}, {@code 1e3}. It is written as it was read. Two are equal if their values are: {@code 1} and
 * {@code 1000m}.
 *
 * @param text at most 64 characters
 */
public record Quantity(String text) {
    private static final int LONGEST = 64;
    private static final Pattern FORM =
            Pattern.compile(
                    "([+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+))"
                            + "(?:([eE][+-]?[0-9]{1,2})|([numkMGTPE]|[KMGTPE]i)?)");
    private static final String BINARY = "KMGTPE";
    private static final Map<Character, Integer> POWERS =
            Map.of('n', -9, 'u', -6, 'm', -3, 'k', 3, 'M', 6, 'G', 9, 'T', 12, 'P', 15, 'E', 18);

    /** Checks that the text is a quantity. */
    public Quantity {
        if (text.length() > LONGEST || !FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "not a quantity: '"
                            + text.substring(0, Math.min(text.length(), 40))
                            + "'; expected a number with a unit, such as 500m, 2 or 4Gi");
        }
    }

    /**
     * Reads a quantity.
     *
     * @return that quantity
     * @throws IllegalArgumentException if it is none; the message says what was expected
     */
    public static Quantity parse(String text) {
        return new Quantity(text.strip());
    }

    /**
     * In units without a prefix: {@code 500m} is 0.5.
     *
     * @return the number
     */
    public BigDecimal value() {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new AssertionError("the constructor takes no such text: " + text);
        }
        String exponent = form.group(2);
        BigDecimal number = new BigDecimal(form.group(1).replaceFirst("\\.$", ""));
        if (exponent != null) {
            return number.scaleByPowerOfTen(
                    Integer.parseInt(exponent.substring(1).replaceFirst("^\\+", "")));
        }
        String unit = form.group(3);
        if (unit == null) {
            return number;
        }
        return unit.endsWith("i")
                ? number.multiply(BigDecimal.valueOf(1024).pow(1 + BINARY.indexOf(unit.charAt(0))))
                : number.scaleByPowerOfTen(POWERS.getOrDefault(unit.charAt(0), 0));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Quantity q && value().compareTo(q.value()) == 0;
    }

    @Override
    public int hashCode() {
        return value().stripTrailingZeros().hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
