package dev.forebay.control;

import dev.forebay.run.RunState;
import dev.forebay.wire.control.RunBody;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * A run as the catalogue knows it.
 *
 * @param id from 1 on
 * @param content what was asked for, with the codespecs themselves in the place of their names
 */
public record Run(
        long id, Instant createdAt, RunState state, Map<String, String> tags, RunBody content) {
    public Run {
        tags = Map.copyOf(tags);
    }

    /** Changes exactly when the state or the tags change. */
    public String eTag() {
        return ETag.ofText(id + "\n" + state + "\n" + new TreeMap<>(tags));
    }

    /** As it goes over the wire. */
    public RunBody body() {
        return new RunBody(
                id,
                null,
                eTag(),
                state.status().text(),
                state.reason().orElse(null),
                state.running() == 0 ? null : state.running(),
                createdAt,
                state.startedAt().orElse(null),
                state.finishedAt().orElse(null),
                content.job(),
                content.worker(),
                content.timeoutSeconds(),
                content.cluster(),
                tags.isEmpty() ? null : new TreeMap<>(tags),
                content.bufferAccessTtl());
    }
}
