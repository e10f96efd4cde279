package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether the data directory can be written, by doing it: a block is written, synced and removed
 * every {@link #PERIOD}. A directory that is read-only, full or gone shows within 5 s, and so does
 * a disk that hangs.
 */
final class Health implements AutoCloseable {
    static final Duration PERIOD = Duration.ofSeconds(2);
    private static final Duration STALE = Duration.ofSeconds(5);
    private static final int BLOCK = 4096;

    private record Finding(Optional<String> fault, long nanos) {}

    private final Disk disk;
    private final Clock clock;
    private final Path file;
    private final Periodic prober;
    private volatile Finding latest;

    /** Probes once before it returns. */
    Health(Disk disk, Clock clock, Path directory) {
        this.disk = disk;
        this.clock = clock;
        this.file = directory.resolve("=probe");
        this.latest = probe();
        this.prober = new Periodic("health", clock, PERIOD, () -> latest = probe());
    }

    private Finding probe() {
        try {
            if (disk.stat(file).isPresent()) {
                disk.delete(file); // Of a process that was killed while it probed.
            }
            try (DiskFile out = disk.open(file, Disk.Access.CREATE)) {
                out.writeFully(ByteBuffer.allocate(BLOCK), 0);
                out.sync();
            }
            disk.delete(file);
            return new Finding(Optional.empty(), clock.nanos());
        } catch (IOException e) {
            return new Finding(
                    Optional.of("the data directory cannot be written: " + e), clock.nanos());
        }
    }

    /** What is wrong, if anything is. Never blocks. */
    Optional<String> fault() {
        Finding finding = latest;
        long age = clock.nanos() - finding.nanos;
        if (age > STALE.toNanos()) {
            return Optional.of(
                    "the data directory has not answered for "
                            + Duration.ofNanos(age).toSeconds()
                            + " s");
        }
        return finding.fault;
    }

    /** Waits for a probe that is under way: it would write into a directory that is another's. */
    @Override
    public void close() {
        prober.close();
    }
}
