package dev.forebay.base;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What an acknowledgement means. Every face of the product acknowledges in these three words, and a
 * caller may demand one of them; it is then given that level or a stronger one, never a weaker one.
 *
 * <p>The constants are ordered: a later one survives everything an earlier one survives.
 */
public enum Durability {
    /** In memory. Lost with the process. */
    ACCEPTED,
    /**
     * With the operating system. Survives the end of the process, {@code kill -9} included; lost
     * with the machine.
     */
    WRITTEN,
    /**
     * On the device, names included. Survives a power cut, as far as the device keeps its own word
     * on a flush.
     */
    SYNCED;

    /**
     * Whether what survives at this level includes all that {@code demanded} asks for.
     *
     * @param demanded what is asked for
     * @return true if this is as much or more
     */
    public boolean covers(Durability demanded) {
        return compareTo(demanded) >= 0;
    }

    /**
     * {@return the word as it stands in headers, flags and messages: {@code accepted}, {@code
     * written}, {@code synced}}
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a word in any case.
     *
     * @param word such as {@code synced}
     * @return the level of that word
     * @throws IllegalArgumentException if it is none of the three; the message lists them
     */
    public static Durability parse(String word) {
        for (Durability level : values()) {
            if (level.name().equalsIgnoreCase(word.strip())) {
                return level;
            }
        }
        String known =
                Arrays.stream(values()).map(Durability::word).collect(Collectors.joining(", "));
        throw new IllegalArgumentException(
                "durability must be one of " + known + ", not '" + word + "'");
    }
}
