package dev.forebay.base;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A process that tries to take a lock and says what came of it. The second argument says what else
 * it does: {@code try} ends at once, {@code twice} tries again while it holds the lock, a number
 * starts a child that lives for the given seconds and prints its process id. An owner stays until
 * its input ends or it is killed.
 */
final class LockHolder {
    private LockHolder() {}

    public static void main(String[] arguments) throws Exception {
        Path path = Path.of(arguments[0]);
        String then = arguments.length > 1 ? arguments[1] : "";
        try (Disk.AutoCloseableLock _ = Disk.system().lock(path)) {
            System.out.println("locked");
            switch (then) {
                case "", "try" -> {}
                case "twice" -> again(path);
                default -> System.out.println(new ProcessBuilder("sleep", then).start().pid());
            }
            if (!then.equals("try")) {
                System.in.transferTo(System.out);
            }
        } catch (LockedException e) {
            System.out.println("refused");
        }
    }

    private static void again(Path path) throws IOException {
        try {
            Disk.system().lock(path).close();
            System.out.println("locked twice");
        } catch (LockedException e) {
            System.out.println("refused");
        }
    }
}
