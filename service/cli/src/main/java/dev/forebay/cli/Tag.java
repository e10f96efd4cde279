package dev.forebay.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A tag as it is given on the command line. What is wrong with a tag is found before it is sent;
 * the rules are those of the server.
 */
record Tag(String key, String value) {
    private static final int MOST = 100;
    private static final Pattern KEY = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");
    private static final Pattern VALUE = Pattern.compile("[a-zA-Z0-9_.-]{0,256}");

    /**
     * As a map, in their order.
     *
     * @param option that they were given with
     * @throws IllegalArgumentException if one is given twice, or there are too many for a buffer
     */
    static Map<String, String> map(String option, List<Tag> tags) {
        Map<String, String> map = new LinkedHashMap<>();
        for (Tag tag : tags) {
            String before = map.putIfAbsent(tag.key, tag.value);
            if (before != null) {
                throw new IllegalArgumentException(
                        "%s gives the tag '%s' twice, as '%s' and as '%s'; give it once"
                                .formatted(option, tag.key, before, tag.value));
            }
        }
        if (map.size() > MOST) {
            throw new IllegalArgumentException(
                    "No more than %d tags may be given with %s, not %d"
                            .formatted(MOST, option, map.size()));
        }
        return map;
    }

    static String checkedKey(String key) {
        if (!KEY.matcher(key).matches()) {
            throw new TypeConversionException(
                    "'%s' is not the key of a tag; Tag keys must contain up to 128 letters, digits, '-', '_' or '.'"
                            .formatted(key));
        }
        return key;
    }

    /** Everything up to the first {@code =} is the key. */
    static final class Converter implements ITypeConverter<Tag> {
        @Override
        public Tag convert(String text) {
            int end = text.indexOf('=');
            if (end < 1) {
                throw new TypeConversionException(
                        "'"
                                + text
                                + "' is not a tag; expected KEY=VALUE, such as device=scanner-7");
            }
            return checked(new Tag(text.substring(0, end), text.substring(end + 1)));
        }

        private static Tag checked(Tag tag) {
            String _ = checkedKey(tag.key);
            if (!VALUE.matcher(tag.value).matches()) {
                throw new TypeConversionException(
                        "'%s' is not the value of a tag; Tag values can contain up to 256 letters, digits, '-', '_' or '.'"
                                .formatted(tag.value));
            }
            return tag;
        }
    }
}
