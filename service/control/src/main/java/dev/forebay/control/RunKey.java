package dev.forebay.control;

import dev.forebay.wire.Json;
import dev.forebay.wire.Quantity;
import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.ResourcesBody;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What two runs must have in common so that one can answer for the other, as digests.
 *
 * <p><b>Guarantee.</b> Two programs have one digest exactly if their codespecs mean the same, as
 * {@link CodespecBody#hasContentOf} has it, and what is executed is the same.
 */
final class RunKey {
    private RunKey() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    /**
     * @param executed the digest of the image or the executable
     */
    static String program(CodespecBody codespec, String executed) {
        List<@Nullable Object> parts = new ArrayList<>();
        parts.add(executed);
        parts.add(codespec.kind());
        parts.add(codespec.image());
        parts.add(codespec.command());
        parts.add(codespec.args());
        parts.add(codespec.workingDir());
        parts.add(sorted(codespec.env()));
        parts.add(codespec.identity());
        parts.add(resources(codespec.resources()));
        parts.add(codespec.maxReplicas());
        parts.add(CodespecRules.inputs(codespec).stream().sorted().toList());
        parts.add(CodespecRules.outputs(codespec).stream().sorted().toList());
        parts.add(codespec.sockets());
        return digest(parts);
    }

    /**
     * @param digests SHA-256 by the names of inputs
     */
    static String inputs(Map<String, String> digests) {
        return digest(sorted(digests));
    }

    private static Map<String, String> sorted(@Nullable Map<String, String> entries) {
        return entries == null ? Map.of() : new TreeMap<>(entries);
    }

    private static List<@Nullable String> resources(@Nullable ResourcesBody of) {
        List<@Nullable String> values = new ArrayList<>();
        if (of != null) {
            addShare(values, of.requests());
            addShare(values, of.limits());
            values.add(value(of.gpu()));
            values.add(value(of.shm()));
        }
        return values;
    }

    private static void addShare(
            List<@Nullable String> values, ResourcesBody.@Nullable Share share) {
        values.add(share == null ? null : value(share.cpu()));
        values.add(share == null ? null : value(share.memory()));
    }

    private static @Nullable String value(@Nullable Quantity quantity) {
        return quantity == null ? null : quantity.value().stripTrailingZeros().toPlainString();
    }

    private static String digest(Object parts) {
        return HexFormat.of().formatHex(sha256().digest(Json.write(parts)));
    }
}
