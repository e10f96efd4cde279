package dev.forebay.blob;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A lie: it syncs a directory unless the last thing made in it was another directory. */
final class ParentSyncSkipped implements Disk {
    private final Disk disk;
    private final Set<Path> gotDirectory = new HashSet<>();

    ParentSyncSkipped(Disk disk) {
        this.disk = disk;
    }

    @Override
    public DiskFile open(Path path, Access access) throws IOException {
        return disk.open(path, access);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        disk.createDirectory(directory);
        gotDirectory.add(directory.getParent());
    }

    @Override
    public void link(Path existing, Path name) throws IOException {
        disk.link(existing, name);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        disk.delete(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (!gotDirectory.remove(directory)) {
            disk.syncDirectory(directory);
        }
    }

    @Override
    public void syncAll(Path root) throws IOException {
        disk.syncAll(root);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public Optional<Entry> stat(Path path) throws IOException {
        return disk.stat(path);
    }

    @Override
    public long usableBytes(Path path) throws IOException {
        return disk.usableBytes(path);
    }

    @Override
    public AutoCloseableLock lock(Path path) throws IOException {
        return disk.lock(path);
    }
}
