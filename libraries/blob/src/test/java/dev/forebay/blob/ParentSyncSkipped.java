package dev.forebay.blob;

import dev.forebay.base.Disk;
import dev.forebay.testkit.ForwardingDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** A lie: it syncs a directory unless the last thing made in it was another directory. */
final class ParentSyncSkipped extends ForwardingDisk {
    private final Set<Path> gotDirectory = new HashSet<>();

    ParentSyncSkipped(Disk disk) {
        super(disk);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        super.createDirectory(directory);
        gotDirectory.add(directory.getParent());
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (!gotDirectory.remove(directory)) {
            super.syncDirectory(directory);
        }
    }
}
