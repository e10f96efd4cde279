package dev.forebay.testkit;

import dev.forebay.base.Disk;
import dev.forebay.base.NoSpaceException;
import dev.forebay.testkit.DiskCall.Kind;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A disk on which the files of one directory may hold a given number of bytes together; what is
 * deleted or cut is free again, unlike with {@link Faults#fullAfter}. Names, and files of other
 * directories, need no room.
 */
public final class Capacity implements Faults {
    private final Disk disk;
    private final Path directory;
    private volatile long bytes;

    /** Of {@code bytes}, for the disk on which it is set. */
    public Capacity(Disk disk, Path directory, long bytes) {
        this.disk = disk;
        this.directory = directory;
        this.bytes = bytes;
    }

    /** From now on there is as much room as anybody asks for. */
    public void lift() {
        bytes = Long.MAX_VALUE;
    }

    @Override
    public long allow(DiskCall call) throws IOException {
        if (call.kind() != Kind.WRITE && call.kind() != Kind.ALLOCATE) {
            return call.length();
        }
        long grown = call.position() + call.length() - sizeOf(call.path());
        long free = Math.max(0, bytes - used());
        if (grown <= free) {
            return call.length();
        }
        long fits = call.length() - grown + free;
        if (call.kind() == Kind.ALLOCATE || fits <= 0) {
            throw new NoSpaceException(call.path(), null);
        }
        return fits;
    }

    private long used() throws IOException {
        long used = 0;
        for (Path path : disk.list(directory)) {
            used += sizeOf(path);
        }
        return used;
    }

    private long sizeOf(Path path) throws IOException {
        return disk.stat(path).map(Disk.Entry::size).orElse(0L);
    }
}
