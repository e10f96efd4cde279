package dev.forebay.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Optional;

/**
 * How a run ended, in a file of its executor, for a server that ends before its watcher took the
 * end.
 *
 * <p><b>Guarantee.</b> The file is there whole or not at all, with mode 0600, and survives a power
 * cut once {@link #write} returns. Both methods block.
 */
record OutcomeFile(RunFolder folder) {
    private static final String NAME = "outcome";

    /** Says how the run ended. */
    void write(Observation.Ended ended) throws IOException {
        String reason = ended.outcome().reason().orElse("");
        String program = ended.program().map(digest -> " " + digest).orElse("");
        folder.writeSynced(
                NAME,
                "%s\n%s%s\n%s"
                        .formatted(ended.outcome().status().text(), ended.at(), program, reason));
    }

    /** Empty if the run has not ended as far as its executor came to know. */
    Optional<Observation.Ended> read() throws IOException {
        String[] lines;
        try {
            lines = Files.readString(folder.file(NAME)).split("\n", 3);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        RunStatus status = RunStatus.of(lines[0]).orElseThrow();
        Optional<String> reason = Optional.of(lines[2]).filter(text -> !text.isEmpty());
        String[] words = lines[1].split(" ", 2); // Earlier releases wrote the time alone.
        return Optional.of(
                new Observation.Ended(
                        new Outcome(status, reason),
                        Instant.parse(words[0]),
                        words.length == 1 ? Optional.empty() : Optional.of(words[1])));
    }
}
