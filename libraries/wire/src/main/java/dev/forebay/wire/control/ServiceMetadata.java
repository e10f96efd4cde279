package dev.forebay.wire.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of itself; a client ignores what it does not know.
 *
 * @param authority who gives tokens; absent: none is asked for
 * @param audience whom tokens are for
 * @param rbacEnabled whether roles are asked for
 * @param capabilities what this server can do beside the rest
 * @param apiVersions the versions that it speaks
 * @param storageEndpoints where blobs are
 * @param executor null if the server executes nothing
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ServiceMetadata(
        @Nullable String authority,
        @Nullable String audience,
        boolean rbacEnabled,
        @Nullable List<String> capabilities,
        @Nullable List<String> apiVersions,
        @Nullable List<String> storageEndpoints,
        @Nullable ExecutorBody executor) {}
