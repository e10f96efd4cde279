package dev.forebay.wire.log;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Entries that are to be recorded, each as the JSON of its Protocol Buffers message.
 *
 * @param sync whether they must survive a power cut before the answer
 * @param texts text messages; absent: none
 * @param comments of the operator; absent: none
 * @param events with a level, and maybe an end; absent: none
 */
public record LogEntries(
        boolean sync,
        @Nullable List<Map<String, Object>> texts,
        @Nullable List<Map<String, Object>> comments,
        @Nullable List<Map<String, Object>> events) {}
