package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A folder that the launcher takes for a built checkout: the launcher itself, one jar that leads to
 * the classes of this test run, and an AOT cache that is said to be made.
 */
final class Checkout {
    /** How a command ended. */
    record Ended(int code, String out, String err) {}

    private final Path root;
    private final Map<String, @Nullable String> variables = new TreeMap<>();

    private Checkout(Path root) {
        this.root = root;
    }

    static Checkout at(Path root) throws IOException {
        Path target = root.resolve("service/cli/target/forebay");
        Path lib = Files.createDirectories(target.resolve("lib"));
        Files.createDirectories(root.resolve("libraries"));
        Files.createDirectories(root.resolve("adapters"));
        Files.createFile(root.resolve("pom.xml"));
        Files.copy(Path.of("").toAbsolutePath().resolve("../../forebay"), root.resolve("forebay"));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath());
        Path jar = lib.resolve("forebay-all.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
        Files.createFile(target.resolve("built"));
        Path aot = Files.createDirectories(target.resolve("aot"));
        Files.writeString(aot.resolve("of"), System.getProperty("java.home") + " " + root + "\n");
        return new Checkout(root).with("FOREBAY_JAVA_HOME", System.getProperty("java.home"));
    }

    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toUri().toASCIIString())
                .collect(Collectors.joining(" "));
    }

    Path root() {
        return root;
    }

    /** Sets a variable of the environment that commands get; null: removes it. */
    Checkout with(String name, @Nullable String value) {
        variables.put(name, value);
        return this;
    }

    /** Puts a program in place of Java that runs this script, which finds the real one as $REAL. */
    Checkout withJava(String script) throws IOException {
        Path bin = Files.createDirectories(root.resolve("jdk/bin"));
        Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
        program(bin.resolve("java"), script);
        Path aot = root.resolve("service/cli/target/forebay/aot/of");
        Files.writeString(aot, root.resolve("jdk") + " " + root + "\n");
        return with("FOREBAY_JAVA_HOME", root.resolve("jdk").toString())
                .with("REAL", System.getProperty("java.home") + "/bin/java");
    }

    static void program(Path path, String script) throws IOException {
        Files.writeString(path, "#!/bin/bash\n" + script + "\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A launcher of the classes of this test run, for demonstrations, which start it again. */
    static void demoLauncher(Path path) throws IOException {
        program(
                path,
                "exec '%s' -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -Dforebay.launcher='%s' -cp '%s' dev.forebay.cli.Forebay \"$@\""
                        .formatted(
                                ProcessHandle.current().info().command().orElseThrow(),
                                path,
                                System.getProperty("java.class.path")));
    }

    /** Starts a line of bash in a folder; {@code $F} is the launcher. */
    Process start(Path folder, String line) throws IOException {
        List<String> command = new ArrayList<>(List.of("bash", "-c", line));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("F", root.resolve("forebay").toString());
        variables.forEach((name, value) -> {
            if (value == null) {
                builder.environment().remove(name);
            } else {
                builder.environment().put(name, value);
            }
        });
        return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    /** Runs a line of bash in a folder to its end, with an input that is empty. */
    Ended run(Path folder, String line) throws IOException, InterruptedException {
        Path err = Files.createTempFile(root, "err", null);
        Process process = start(folder, "{ " + line + "; } 2>'" + err + "'");
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Ended(process.waitFor(), out, Files.readString(err));
    }
}
