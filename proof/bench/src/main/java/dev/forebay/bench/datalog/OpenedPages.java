package dev.forebay.bench.datalog;

import dev.forebay.base.Disk;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/** The machine's disk, which notes the pages that are opened. Safe for use by many threads. */
final class OpenedPages {
    private static final String PAGE = ".bddf";

    private final Set<Long> opened = new ConcurrentSkipListSet<>();

    Disk disk() {
        Disk system = Disk.system();
        return (Disk)
                Proxy.newProxyInstance(
                        Disk.class.getClassLoader(),
                        new Class<?>[] {Disk.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("open")) {
                                note((Path) arguments[0]);
                            }
                            try {
                                return method.invoke(system, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    private void note(Path path) {
        String name = String.valueOf(path.getFileName());
        if (name.endsWith(PAGE)) {
            opened.add(Long.parseLong(name.substring(0, name.length() - PAGE.length())));
        }
    }

    /** The numbers of the pages that were opened since this was asked last. */
    Set<Long> take() {
        Set<Long> taken = new TreeSet<>(opened);
        opened.removeAll(taken);
        return taken;
    }
}
