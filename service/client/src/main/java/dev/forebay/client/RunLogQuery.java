package dev.forebay.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which lines of a run's log are asked for.
 *
 * @param follow whether to wait for more until the run has ended
 * @param timestamps whether each line begins with its time
 * @param tail how many lines at most, counted from the end; null: all
 * @param since a time; only lines after it; null: all
 */
public record RunLogQuery(
        boolean follow, boolean timestamps, @Nullable Long tail, @Nullable Instant since) {
    String parameters() {
        return "?follow=%s&timestamps=%s%s%s"
                .formatted(
                        follow,
                        timestamps,
                        tail == null ? "" : "&tailLines=" + tail,
                        since == null ? "" : "&since=" + Query.encoded(since.toString()));
    }
}
