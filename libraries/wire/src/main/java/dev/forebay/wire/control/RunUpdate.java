package dev.forebay.wire.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an update of a run says; clients send more, which is ignored.
 *
 * @param id that of the path, or absent
 * @param tags all tags there shall be; absent: none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RunUpdate(@Nullable Long id, @Nullable Map<String, String> tags) {}
