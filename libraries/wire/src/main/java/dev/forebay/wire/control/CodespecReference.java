package dev.forebay.wire.control;

import org.jspecify.annotations.Nullable;

/**
 * What a run executes, on the wire: a text that names a codespec, or the codespec itself. Exactly
 * one of both is there.
 *
 * @param name such as {@code x} or {@code x/versions/2}
 * @param inline the codespec itself
 */
public record CodespecReference(@Nullable String name, @Nullable CodespecBody inline) {
    /**
     * One that has a name.
     *
     * @param name such as {@code x} or {@code x/versions/2}
     * @return that reference
     */
    public static CodespecReference to(String name) {
        return new CodespecReference(name, null);
    }

    /**
     * One that comes along.
     *
     * @param codespec the codespec itself
     * @return that reference
     */
    public static CodespecReference of(CodespecBody codespec) {
        return new CodespecReference(null, codespec);
    }
}
