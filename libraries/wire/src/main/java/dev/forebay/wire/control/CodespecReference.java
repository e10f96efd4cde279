package dev.forebay.wire.control;

import org.jspecify.annotations.Nullable;

/**
 * What a run executes, on the wire: a text that names a codespec, or the codespec itself. Exactly
 * one of both is there.
 *
 * @param name such as {@code x} or {@code x/versions/2}
 */
public record CodespecReference(@Nullable String name, @Nullable CodespecBody inline) {
    public static CodespecReference to(String name) {
        return new CodespecReference(name, null);
    }

    public static CodespecReference of(CodespecBody codespec) {
        return new CodespecReference(null, codespec);
    }
}
