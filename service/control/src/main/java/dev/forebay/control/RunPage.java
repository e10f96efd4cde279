package dev.forebay.control;

import java.util.List;
import java.util.Optional;

/** Runs, newest first, and where the next ones begin, if there are more. */
public record RunPage(List<Run> runs, Optional<String> continuation) {
    public RunPage {
        runs = List.copyOf(runs);
    }
}
