package dev.forebay.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * What a file or folder is, whatever name led to it: its device and inode, or its real path where
 * the file system has no such numbers.
 */
record FileIdentity(Object key) {
    static FileIdentity of(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        return new FileIdentity(key == null ? path.toRealPath() : key);
    }
}
