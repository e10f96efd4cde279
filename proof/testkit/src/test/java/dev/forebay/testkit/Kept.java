package dev.forebay.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.Disk;
import dev.forebay.base.Disk.Access;
import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;

/** A tiny store of texts by name, durable by the book; what the kit is tried on. */
final class Kept {
    static final Path ROOT = Path.of("/");
    private static final Path ASIDE = ROOT.resolve("aside");

    private Kept() {}

    static String read(Disk disk, String name) throws IOException {
        try (DiskFile file = disk.open(ROOT.resolve(name), Access.READ)) {
            ByteBuffer all = ByteBuffer.allocate((int) file.size());
            file.readFully(all, 0);
            return new String(all.array(), UTF_8);
        }
    }

    static boolean has(Disk disk, String name) throws IOException {
        return disk.stat(ROOT.resolve(name)).isPresent();
    }

    /** Writes aside, syncs, links and syncs the name; nothing if the name is taken. */
    static void put(Disk disk, String name, String text) throws IOException {
        if (disk.stat(ASIDE).isPresent()) {
            disk.delete(ASIDE);
        }
        try (DiskFile file = disk.open(ASIDE, Access.CREATE)) {
            file.writeFully(ByteBuffer.wrap(text.getBytes(UTF_8)), 0);
            file.sync();
        }
        try {
            disk.link(ASIDE, ROOT.resolve(name));
        } catch (FileAlreadyExistsException e) {
            return;
        }
        disk.syncDirectory(ROOT);
    }

    /** The same through a mapping. */
    static void putMapped(Disk disk, String name, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        try (DiskFile file = disk.open(ROOT.resolve(name), Access.CREATE)) {
            file.allocate(0, bytes.length);
            file.sync();
            disk.syncDirectory(ROOT);
            try (DiskMapping mapping = file.map(0, bytes.length)) {
                mapping.put(0, bytes, 0, bytes.length);
                mapping.force(0, bytes.length);
            }
        }
    }

    /** Every name acknowledged as {@code name=text} is there and has its text. */
    static void check(Disk disk, List<String> acks) throws IOException {
        for (String ack : acks) {
            String[] pair = ack.split("=", 2);
            if (!has(disk, pair[0])) {
                throw new AssertionError(ack + " was acknowledged and is not there");
            }
            if (!read(disk, pair[0]).equals(pair[1])) {
                throw new AssertionError(ack + " was acknowledged and is another");
            }
        }
    }
}
