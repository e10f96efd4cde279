package dev.forebay.control;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.Optional;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * Where SQLite's own library is loaded from. Left alone, its driver copies the library into the
 * temporary folder at every start, and a process that is killed leaves it there.
 *
 * <p>The build puts the library beside the jars, in {@code sqlite-<version>}. A program that was
 * not laid out by that build keeps one copy in the directory of its catalogue instead.
 *
 * <p><b>Guarantee.</b> Nothing is written into the temporary folder. A copy is renamed into place
 * when it is whole. <b>Limit.</b> The first catalogue of a process decides. A library that is there
 * and cannot be loaded (a directory mounted {@code noexec}) is searched by the driver in its own
 * way. Safe for use by many threads; blocks on files.
 */
final class NativeLibrary {
    private static final String PATH = "org.sqlite.lib.path";
    private static final String NAME = "org.sqlite.lib.name";

    private NativeLibrary() {}

    /**
     * Names the library to the driver, unless the user of this process did.
     *
     * @param directory of the catalogue
     */
    static synchronized void locate(Path directory) throws IOException {
        if (System.getProperty(PATH) != null) {
            return;
        }
        String name = LibraryLoaderUtil.getNativeLibName();
        String resource = LibraryLoaderUtil.getNativeLibResourcePath();
        String version = "sqlite-" + SQLiteJDBCLoader.getVersion();
        Optional<Path> installed =
                installation()
                        .map(jars -> jars.resolve(version).resolve(resource.substring(1)))
                        .filter(folder -> Files.isRegularFile(folder.resolve(name)));
        Path folder =
                installed.isPresent()
                        ? installed.get()
                        : copy(resource + "/" + name, directory.resolve(version), name);
        System.setProperty(PATH, folder.toString());
        System.setProperty(NAME, name);
    }

    /** The directory of the jar that this class came from. */
    private static Optional<Path> installation() {
        CodeSource source = NativeLibrary.class.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(Path.of(source.getLocation().toURI()).getParent());
        } catch (URISyntaxException | IllegalArgumentException e) {
            return Optional.empty(); // Not a file, so there is no directory beside it.
        }
    }

    /** The folder with a copy that is as the driver has it, made if there is none. */
    private static Path copy(String resource, Path folder, String name) throws IOException {
        try (InputStream packed = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
            if (packed == null) {
                throw new IOException(
                        """
                        expected %s in the jar of sqlite-jdbc, found none; this platform needs \
                        -D%s=DIRECTORY with that library in it\
                        """
                                .formatted(resource, PATH));
            }
            byte[] library = packed.readAllBytes();
            Path kept = folder.resolve(name);
            if (!Files.isRegularFile(kept) || !Arrays.equals(Files.readAllBytes(kept), library)) {
                Files.createDirectories(folder);
                Path staged = folder.resolve(name + ".new");
                Files.write(staged, library);
                Files.move(staged, kept, StandardCopyOption.ATOMIC_MOVE);
            }
            return folder;
        }
    }
}
