package dev.forebay.run;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How a run ended, in a file of its executor, for a server that ends before its watcher took the
 * end.
 *
 * <p><b>Guarantee.</b> The file is there whole or not at all, with mode 0600, and survives a power
 * cut once {@link #write} returns. Both methods block.
 */
public record OutcomeFile(Path path) {
    /** Says how the run ended. */
    public void write(Observation.Ended ended) throws IOException {
        String reason = ended.outcome().reason().orElse("");
        String text = "%s\n%s\n%s".formatted(ended.outcome().status().text(), ended.at(), reason);
        Path aside = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(aside);
        try (DiskFile opened = Disk.system().open(aside, Disk.Access.CREATE)) {
            opened.writeFully(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            opened.sync();
        }
        Disk.system().rename(aside, path);
        Disk.system().syncDirectory(Objects.requireNonNull(path.getParent()));
    }

    /** Empty if the run has not ended as far as its executor came to know. */
    public Optional<Observation.Ended> read() throws IOException {
        String[] lines;
        try {
            lines = Files.readString(path).split("\n", 3);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        RunStatus status = RunStatus.of(lines[0]).orElseThrow();
        Optional<String> reason = Optional.of(lines[2]).filter(text -> !text.isEmpty());
        return Optional.of(
                new Observation.Ended(new Outcome(status, reason), Instant.parse(lines[1])));
    }
}
