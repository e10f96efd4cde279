package dev.forebay.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A tag as it is given on the command line; what it may consist of is for the server to say. */
record Tag(String key, String value) {
    /** As a map, in their order; the last of one key counts. */
    static Map<String, String> map(List<Tag> tags) {
        Map<String, String> map = new LinkedHashMap<>();
        tags.forEach(tag -> map.put(tag.key, tag.value));
        return map;
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
            return new Tag(text.substring(0, end), text.substring(end + 1));
        }
    }
}
