package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Trigger;
import dev.forebay.journal.Journal;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code record} and all it stands on use the JDK and nothing else, so that no third-party jar
 * comes along, except for annotations, which are not needed at run time.
 */
class DependenciesTest {
    @Test
    void noClassNeedsAThirdPartyJar() throws Exception {
        Set<String> foreign = new TreeSet<>();
        int classes = 0;
        for (Class<?> one : List.of(RecordBuffer.class, Journal.class, Trigger.class)) {
            for (byte[] bytes : classes(one)) {
                foreign.addAll(foreign(ClassFile.of().parse(bytes)));
                classes++;
            }
        }
        assertThat(foreign).isEmpty();
        assertThat(classes).isGreaterThan(80);
    }

    private static List<byte[]> classes(Class<?> one) throws IOException, URISyntaxException {
        Path home = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(home)) {
            return classes(home);
        }
        try (FileSystem jar = FileSystems.newFileSystem(home)) {
            return classes(jar.getPath("/"));
        }
    }

    private static List<byte[]> classes(Path root) throws IOException {
        List<byte[]> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(".class") && !name.equals("module-info.class")) {
                    all.add(Files.readAllBytes(file));
                }
            }
        }
        return all;
    }

    private static List<String> foreign(ClassModel model) {
        List<String> names = new ArrayList<>();
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof ClassEntry used) {
                String name = used.asInternalName().replaceFirst("^\\[+L?", "");
                if (name.contains("/")
                        && !name.startsWith("java/")
                        && !name.startsWith("com/sun/management/") // Of the JDK too.
                        && !name.startsWith("dev/forebay/")) {
                    names.add(name);
                }
            }
        }
        return names;
    }
}
