package dev.forebay.wire.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of itself; a client ignores what it does not know.
 *
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
