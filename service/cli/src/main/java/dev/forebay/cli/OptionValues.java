package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Durability;
import dev.forebay.wire.Ttl;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Converters from the text of an option to its value. A wrong text is refused before the command
 * begins, with a message that names the option and says what was expected.
 */
final class OptionValues {
    private static final Pattern TIME =
            Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ns|us|ms|s|m|h|d)");
    private static final Pattern DAYS = Pattern.compile("[0-9.:]*");
    private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,20}");
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
    private static final int LARGEST_PORT = 65_535;
    private static final int LONGEST_TEXT = 64;
    private static final BigDecimal SECOND = BigDecimal.valueOf(1_000_000_000);
    private static final Duration LONGEST_TIME = Duration.ofDays(365);

    private OptionValues() {}

    /** Turns text into a value, or refuses it in the words of {@code parse}. */
    abstract static class Converter<T> implements ITypeConverter<T> {
        private final Function<String, T> parse;

        Converter(Function<String, T> parse) {
            this.parse = parse;
        }

        @Override
        public T convert(String text) {
            try {
                return parse.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /** A number of bytes. */
    static final class Size extends Converter<ByteSize> {
        Size() {
            super(ByteSize::parse);
        }
    }

    /** How long a buffer lives: as {@link Time}, and as the reference has it, in days. */
    static final class Lifetime extends Converter<Duration> {
        Lifetime() {
            super(OptionValues::lifetime);
        }
    }

    /** A span of time. */
    static final class Time extends Converter<Duration> {
        Time() {
            super(OptionValues::time);
        }
    }

    /** A span of time in whole seconds, one or more. */
    static final class Seconds extends Converter<Duration> {
        Seconds() {
            super(text -> {
                Duration time = time(text);
                if (!time.equals(Duration.ofSeconds(time.toSeconds())) || time.isZero()) {
                    throw new IllegalArgumentException(
                            "expected whole seconds, 1s or more, found '%s'".formatted(text));
                }
                return time;
            });
        }
    }

    /** How many of a thing, one or more, or which one of them. */
    static final class Count extends Converter<Integer> {
        Count() {
            super(text -> {
                int count = Math.toIntExact(whole(text, Integer.MAX_VALUE));
                if (count < 1) {
                    throw new IllegalArgumentException(
                            "expected 1 or more, found '%s'".formatted(text));
                }
                return count;
            });
        }
    }

    /** A whole number of 31 bits. */
    static final class Whole extends Converter<Integer> {
        Whole() {
            super(text -> Math.toIntExact(whole(text, Integer.MAX_VALUE)));
        }
    }

    /** A port to listen on. */
    static final class Port extends Converter<Integer> {
        Port() {
            super(OptionValues::port);
        }
    }

    /** A whole number of 63 bits. */
    static final class LongWhole extends Converter<Long> {
        LongWhole() {
            super(text -> whole(text, Long.MAX_VALUE));
        }
    }

    /** The name of a file. */
    static final class File extends Converter<Path> {
        File() {
            super(FileNames::path);
        }
    }

    /** A level of durability. */
    static final class Level extends Converter<Durability> {
        Level() {
            super(Durability::parse);
        }
    }

    /** The words of the levels, for the completion of the shell. */
    static final class Levels implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(Durability.values())
                    .map(level -> level.name().toLowerCase(Locale.ROOT))
                    .iterator();
        }
    }

    private static long whole(String text, long most) {
        if (WHOLE.matcher(text).matches()) {
            BigInteger value = new BigInteger(text);
            if (value.abs().compareTo(BigInteger.valueOf(most)) <= 0) {
                return value.longValue();
            }
        }
        throw new IllegalArgumentException(
                "'%s' is not a whole number of at most %d".formatted(text, most));
    }

    private static int port(String text) {
        if (PORT.matcher(text).matches() && Integer.parseInt(text) <= LARGEST_PORT) {
            return Integer.parseInt(text);
        }
        throw new IllegalArgumentException(
                "expected 0 to %d, where 0 is a free port, found '%s'"
                        .formatted(LARGEST_PORT, text));
    }

    /** {@code D}, {@code D.HH}, {@code D.HH:MM} or {@code D.HH:MM:SS}, or as {@link #time}. */
    static Duration lifetime(String text) {
        String trimmed = text.strip();
        if (DAYS.matcher(trimmed).matches()) {
            return Ttl.parse(text);
        }
        BigDecimal nanos = sum(trimmed);
        if (nanos == null) {
            throw new IllegalArgumentException(
                    "not a lifetime: '%s'; expected D, D.HH, D.HH:MM or D.HH:MM:SS, such as 7 or 0.12:30, or units such as 30d or 2h45m"
                            .formatted(text));
        }
        BigDecimal[] parts = nanos.divideAndRemainder(SECOND);
        return Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValue());
    }

    /**
     * One or more numbers with units: {@code 1.5s}, {@code 2h45m}; or {@code D.HH:MM[:SS]}; or
     * {@code 0}.
     */
    private static Duration time(String text) {
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        if (text.contains(":")) {
            return Ttl.parse(text);
        }
        BigDecimal sum = sum(text);
        if (sum == null) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a time; expected such as 300ms, 1.5s, 2h45m, or 0");
        }
        if (sum.compareTo(BigDecimal.valueOf(LONGEST_TIME.toNanos())) > 0) {
            throw new IllegalArgumentException(
                    "'%s' is too long a time; expected at most 8760h, a year".formatted(text));
        }
        return Duration.ofNanos(sum.longValue());
    }

    /** The sum of one or more numbers with units, in nanoseconds; null if it is none. */
    private static @Nullable BigDecimal sum(String text) {
        Matcher term = TIME.matcher(text);
        BigDecimal sum = BigDecimal.ZERO;
        int at = 0;
        while (text.length() <= LONGEST_TEXT && term.find(at) && term.start() == at) {
            sum =
                    sum.add(
                            new BigDecimal(term.group(1))
                                    .multiply(BigDecimal.valueOf(nanos(term.group(2)))));
            at = term.end();
        }
        return at == 0 || at != text.length() ? null : sum;
    }

    private static long nanos(String unit) {
        return switch (unit) {
            case "ns" -> 1L;
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 86_400_000_000_000L;
        };
    }
}
