package dev.forebay.blob;

import dev.forebay.base.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Walks the folders of one container for the names of a {@link Listing}. The key of a file is the
 * name of its blob, the key of a folder that name and a slash; no key is the beginning of another
 * file's, so the order of the keys in each folder is the order of all names.
 *
 * <p><b>Guarantee.</b> At most twice {@link Listing#most} names of each folder on the way are in
 * memory. <b>Limit.</b> Each page reads the names of the folders that it touches to their ends. For
 * one thread; blocks on files.
 */
final class NameWalk {
    private final Disk disk;
    private final Listing wanted;
    private final List<String> found = new ArrayList<>();

    NameWalk(Disk disk, Listing wanted) {
        this.disk = disk;
        this.wanted = wanted;
    }

    /** The names below {@code root}; those of folders end with a slash. */
    List<String> names(Path root) throws IOException {
        walk(root, "");
        return found;
    }

    private void walk(Path directory, String above) throws IOException {
        String seen = "";
        while (true) {
            NavigableMap<String, Path> next = children(directory, above, seen);
            for (Map.Entry<String, Path> child : next.entrySet()) {
                if (found.size() >= wanted.most()) {
                    return;
                }
                visit(child.getKey(), child.getValue());
            }
            if (next.size() < wanted.most()) {
                return;
            }
            seen = next.lastKey();
        }
    }

    private void visit(String key, Path path) throws IOException {
        boolean folder = key.endsWith("/");
        boolean below = !key.startsWith(wanted.prefix()) || key.equals(wanted.prefix());
        if (folder && (wanted.deep() || below)) {
            walk(path, key);
        } else if (key.compareTo(wanted.after()) > 0) {
            found.add(key);
        }
    }

    /** The first keys of a folder behind {@code seen} that can hold a wanted name. */
    private NavigableMap<String, Path> children(Path directory, String above, String seen)
            throws IOException {
        NavigableMap<String, Path> first = new TreeMap<>();
        disk.visit(
                directory,
                path -> {
                    String key = key(above, String.valueOf(path.getFileName()));
                    if (key.compareTo(seen) > 0 && matters(key)) {
                        first.put(key, path);
                        if (first.size() > wanted.most()) {
                            first.pollLastEntry();
                        }
                    }
                    return true;
                });
        return first;
    }

    /** Empty for what is neither a blob nor a folder of blobs. */
    private static String key(String above, String file) {
        if (file.startsWith(DirectoryContainer.FILE_SUFFIX)) {
            return "";
        }
        return file.endsWith(DirectoryContainer.FILE_SUFFIX)
                ? above + file.substring(0, file.length() - 1)
                : above + file + "/";
    }

    private boolean matters(String key) {
        boolean fits = key.startsWith(wanted.prefix());
        boolean behind = key.compareTo(wanted.after()) > 0;
        return key.endsWith("/")
                ? (fits || wanted.prefix().startsWith(key))
                        && (behind || wanted.after().startsWith(key))
                : fits && behind;
    }
}
