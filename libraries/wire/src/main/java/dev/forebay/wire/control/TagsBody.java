package dev.forebay.wire.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tags of a codespec, which stand beside it: clients of the reference refuse a codespec with
 * more fields than they know. In an update everything but the tags is ignored.
 *
 * @param name whose tags they are
 * @param tags all of them; absent: none
 * @param eTag changes with the tags
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record TagsBody(
        @Nullable String name,
        @Nullable Map<String, String> tags,
        @JsonProperty("eTag") @Nullable String eTag) {}
