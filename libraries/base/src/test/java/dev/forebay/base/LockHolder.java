package dev.forebay.base;

import java.nio.file.Path;

/** A process that takes a lock, says so, and keeps it until its input ends or it is killed. */
final class LockHolder {
    private LockHolder() {}

    public static void main(String[] arguments) throws Exception {
        try (var _ = Disk.system().lock(Path.of(arguments[0]))) {
            System.out.println("locked");
            System.in.transferTo(System.out);
        }
    }
}
