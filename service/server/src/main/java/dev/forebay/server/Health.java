package dev.forebay.server;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.NoSpaceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether the data directory can take a block of the default size. Every {@link #PERIOD} a thread
 * makes a file, reserves {@link #ROOM} for it, writes and syncs a page of it, and deletes it. A
 * directory that is read-only, full or gone shows within 5 s, and so does a disk that hangs.
 *
 * <p>Reserving writes no data where the file system has {@code fallocate}. Safe for use by many
 * threads.
 */
final class Health implements AutoCloseable {
    static final Duration PERIOD = Duration.ofSeconds(2);

    /** A block of the default size of 4 MiB, and 64 KiB for its metadata, footer and names. */
    static final ByteSize ROOM = ByteSize.of((4L << 20) + (64L << 10));

    private static final Duration STALE = Duration.ofSeconds(5);
    private static final int PAGE = 4096;

    /**
     * The syncs of all probes.
     *
     * @param nanos of all together
     * @param last of the last one
     */
    record Syncs(long count, long nanos, long last) {}

    private record Finding(Optional<String> fault, long nanos) {}

    private final Disk disk;
    private final Clock clock;
    private final Path file;
    private final Supplier<Optional<String>> others;
    private final Periodic prober;
    private volatile Finding latest;
    private volatile Syncs syncs = new Syncs(0, 0, 0);

    /**
     * Probes once before it returns.
     *
     * @param others what else may be wrong with the server
     */
    Health(Disk disk, Clock clock, Path directory, Supplier<Optional<String>> others) {
        this.disk = disk;
        this.clock = clock;
        this.file = directory.resolve("=probe");
        this.others = others;
        this.latest = probe();
        this.prober = new Periodic("health", clock, PERIOD, _ -> latest = probe());
    }

    private Finding probe() {
        Optional<String> fault = Optional.empty();
        try {
            removeProbe(); // Left by a process that was killed while it probed.
            try (DiskFile out = disk.open(file, Disk.Access.CREATE)) {
                out.allocate(0, ROOM.bytes());
                out.writeFully(ByteBuffer.allocate(PAGE), 0);
                long began = clock.nanos();
                out.sync();
                count(clock.nanos() - began);
            } finally {
                removeProbe(); // At once: a full disk needs the room.
            }
        } catch (NoSpaceException e) {
            fault =
                    Optional.of(
                            "the data directory cannot be written: it has no room for %s, a block"
                                            .formatted(ROOM)
                                    + " of the default size; free space there");
        } catch (IOException e) {
            fault = Optional.of("the data directory cannot be written: " + e);
        }
        return new Finding(fault, clock.nanos());
    }

    /** By one probe at a time. */
    private void count(long nanos) {
        Syncs before = syncs;
        syncs = new Syncs(before.count + 1, before.nanos + nanos, nanos);
    }

    Syncs syncs() {
        return syncs;
    }

    private void removeProbe() throws IOException {
        if (disk.stat(file).isPresent()) {
            disk.delete(file);
        }
    }

    /** What is wrong, if anything is. Never blocks. */
    Optional<String> fault() {
        Finding finding = latest;
        long age = clock.nanos() - finding.nanos;
        if (age > STALE.toNanos()) {
            return Optional.of(
                    "the data directory has not answered for %d s"
                            .formatted(Duration.ofNanos(age).toSeconds()));
        }
        return finding.fault
                .or(() -> prober.fault().map(e -> "the data directory cannot be probed: " + e))
                .or(others);
    }

    /** Waits for a probe that is under way, so that none writes into another server's directory. */
    @Override
    public void close() {
        prober.close();
    }
}
