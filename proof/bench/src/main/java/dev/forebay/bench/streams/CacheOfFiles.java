package dev.forebay.bench.streams;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The kernel's cache of files, grown over all memory that no process uses, as on a machine in long
 * service. A file write then takes the oldest pages of that cache. After large files were deleted,
 * as a benchmark does between its rounds, it takes free memory instead, which the host of a virtual
 * machine may have taken back: providing a page anew costs it many times as much as writing to it,
 * and that time is counted as the writer's.
 *
 * <p><b>Limit.</b> The kernel gives pages up while the cache grows, so 1.7 to 3.7 GiB of 24 stayed
 * free. It needs {@code /proc/meminfo}. For one thread.
 */
final class CacheOfFiles {
    /** The kernel keeps some memory free, whatever is asked of its cache. */
    private static final long KEPT_FREE = 512L << 20;

    private final Path filler;
    private long position;

    /**
     * A cache that is filled by reading {@code filler}, which is created, without blocks on the
     * disk.
     */
    CacheOfFiles(Path filler) {
        this.filler = filler;
    }

    /**
     * Reads on where the filler's oldest pages may have been given up, round and round. It is twice
     * as long as all memory, so never all of it is in the cache.
     */
    void fill() throws IOException {
        long all = said("MemTotal");
        try (RandomAccessFile sparse = new RandomAccessFile(filler.toFile(), "rw")) {
            sparse.setLength(2 * all);
            FileChannel channel = sparse.getChannel();
            ByteBuffer piece = ByteBuffer.allocateDirect(1 << 20);
            for (long read = 0; read < all && said("MemFree") > KEPT_FREE; ) {
                int count = channel.read(piece.clear(), position);
                read += Math.max(0, count);
                position = count < piece.capacity() ? 0 : position + count;
            }
        }
    }

    /** Memory that neither a process nor the cache uses, in MiB. */
    static double freeMebibytes() throws IOException {
        return (double) said("MemFree") / (1 << 20);
    }

    /** A line of {@code /proc/meminfo}, in bytes. */
    private static long said(String name) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/meminfo"));
        for (String line : lines) {
            if (line.startsWith(name + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new IOException("expected a line '%s:', found %s".formatted(name, lines));
    }
}
