package dev.forebay.testkit;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A file or directory of a {@link SimulatedDisk}: what a program sees now, and what the device has
 * for certain. File contents are kept by 512-byte sector; a sector array is never changed once it
 * is in a map, so images share them. All access is under the disk's lock.
 */
final class SimulatedInode {
    static final int SECTOR = 512;
    private static final byte[] ZEROS = new byte[SECTOR];

    final boolean directory;
    Instant modified;

    /** Names as a program sees them; of a directory only. */
    final Map<String, SimulatedInode> names = new TreeMap<>();

    /** Names that are certain to survive; of a directory only. */
    final Map<String, SimulatedInode> durableNames = new TreeMap<>();

    private final Map<Long, byte[]> sectors = new HashMap<>();
    private final Map<Long, byte[]> durableSectors = new HashMap<>();

    /** Versions of each sector stored since the last sync, oldest first. */
    private final Map<Long, List<byte[]>> unsynced = new HashMap<>();

    private long size;
    private long durableSize;
    private boolean sizeUnsynced;

    SimulatedInode(boolean directory, Instant modified) {
        this.directory = directory;
        this.modified = modified;
    }

    long size() {
        return size;
    }

    int read(ByteBuffer target, long position) {
        if (position >= size) {
            return target.hasRemaining() ? -1 : 0;
        }
        int count = (int) Math.min(target.remaining(), size - position);
        for (int done = 0; done < count; ) {
            long at = position + done;
            int inSector = (int) (at % SECTOR);
            int part = Math.min(SECTOR - inSector, count - done);
            target.put(sectors.getOrDefault(at / SECTOR, ZEROS), inSector, part);
            done += part;
        }
        return count;
    }

    void write(ByteBuffer source, long position) {
        long at = position;
        while (source.hasRemaining()) {
            int inSector = (int) (at % SECTOR);
            int part = Math.min(SECTOR - inSector, source.remaining());
            byte[] next = sectors.getOrDefault(at / SECTOR, ZEROS).clone();
            source.get(next, inSector, part);
            store(at / SECTOR, next);
            at += part;
        }
        grow(at);
    }

    private void store(long sector, byte[] next) {
        sectors.put(sector, next);
        unsynced.computeIfAbsent(sector, any -> new ArrayList<>(1)).add(next);
    }

    void grow(long to) {
        if (to > size) {
            size = to;
            sizeUnsynced = true;
        }
    }

    void truncate(long to) {
        if (to >= size) {
            return;
        }
        long last = to / SECTOR;
        for (long sector : List.copyOf(sectors.keySet())) {
            if (sector > last || sector == last && to % SECTOR == 0) {
                store(sector, ZEROS);
            }
        }
        if (to % SECTOR != 0 && sectors.containsKey(last)) {
            byte[] cut = new byte[SECTOR];
            System.arraycopy(sectors.getOrDefault(last, ZEROS), 0, cut, 0, (int) (to % SECTOR));
            store(last, cut);
        }
        size = to;
        sizeUnsynced = true;
    }

    /** Makes content and size durable. */
    void sync() {
        for (long sector : unsynced.keySet()) {
            durableSectors.put(sector, sectors.getOrDefault(sector, ZEROS));
        }
        forgetUnsynced();
        durableSize = size;
    }

    /**
     * Makes the sectors that {@code length} bytes from {@code from} touch durable, and the size.
     */
    void force(long from, long length) {
        for (long sector = from / SECTOR; sector * SECTOR < from + length; sector++) {
            if (unsynced.remove(sector) != null) {
                durableSectors.put(sector, sectors.getOrDefault(sector, ZEROS));
            }
        }
        durableSize = size;
        sizeUnsynced = false;
    }

    /** What a failed sync does: the pages count as clean, and nothing of them is on the device. */
    void forgetUnsynced() {
        unsynced.clear();
        sizeUnsynced = false;
    }

    /** The same once more, unsynced versions and all; its names are the tree's to copy. */
    SimulatedInode copyWithoutNames() {
        SimulatedInode copy = new SimulatedInode(directory, modified);
        copy.sectors.putAll(sectors);
        copy.durableSectors.putAll(durableSectors);
        unsynced.forEach(
                (sector, versions) -> copy.unsynced.put(sector, new ArrayList<>(versions)));
        copy.size = size;
        copy.durableSize = durableSize;
        copy.sizeUnsynced = sizeUnsynced;
        return copy;
    }

    /** The file after a crash, all of it durable. */
    SimulatedInode survivor(Survival survival) {
        SimulatedInode copy = new SimulatedInode(false, modified);
        copy.sectors.putAll(durableSectors);
        new TreeMap<>(unsynced)
                .forEach((sector, versions) -> {
                    int version = survival.version(versions.size() + 1);
                    if (version > 0) {
                        copy.sectors.put(sector, versions.get(version - 1));
                    }
                });
        copy.size = sizeUnsynced && survival.version(2) == 1 ? size : durableSize;
        copy.durableSectors.putAll(copy.sectors);
        copy.durableSize = copy.size;
        return copy;
    }
}
