package dev.forebay.run.oci.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.forebay.run.oci.OciExecutor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A Podman of its own for the tests of this module: its service on a Unix socket, its images and
 * containers in a folder that goes away with it. Locks and temporary files are there as well: by
 * default, engines of one machine share them. The one image holds a static busybox. Without Podman,
 * runc, catatonit, busybox or root the tests are skipped, unless {@code FOREBAY_REQUIRE_CLIENTS} is
 * set, as it is in CI.
 */
public final class RealEngine implements BeforeAllCallback {
    public static final String IMAGE = "localhost/forebay-test:1";

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final int BLOCK = 512;

    /** Started by the first class of tests, ended after the last. */
    private @Nullable Shared shared;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        needCommands();
        shared =
                context.getRoot()
                        .getStore(ExtensionContext.Namespace.GLOBAL)
                        .computeIfAbsent(Shared.class, _ -> new Shared(), Shared.class);
        shared.open();
    }

    private static void needCommands() {
        boolean there =
                Files.isExecutable(BUSYBOX)
                        && "root".equals(System.getProperty("user.name"))
                        && has("podman")
                        && has("runc")
                        && has("catatonit");
        if (System.getenv("FOREBAY_REQUIRE_CLIENTS") != null) {
            assertThat(there).as("podman, runc, catatonit, busybox and root").isTrue();
        }
        assumeThat(there)
                .as(
                        "skipped: needs podman, runc, catatonit, a static busybox and root; .ci/run installs them")
                .isTrue();
    }

    private Shared shared() {
        return Objects.requireNonNull(shared, "the engine was not started");
    }

    public Path socket() {
        return shared().socket();
    }

    /** Starts the service again; containers that run are there already. */
    public void start() throws Exception {
        shared().start();
    }

    /** Ends the service; containers run on. */
    public void stop() throws Exception {
        shared().stop();
    }

    /** Asks the engine on its command line, and gives what it wrote. */
    public String podman(String... words) throws Exception {
        return shared().podman(words);
    }

    /** The sizes of the logs that the engine keeps, in bytes. */
    public List<Long> logSizes() throws IOException {
        try (Stream<Path> files = Files.walk(shared().folder().resolve("root/vfs-containers"))) {
            List<Long> sizes = new ArrayList<>();
            for (Path file : files.filter(path -> path.endsWith("ctr.log")).toList()) {
                sizes.add(Files.size(file));
            }
            return sizes;
        }
    }

    private static boolean has(String command) {
        return List.of(System.getenv("PATH").split(":", -1)).stream()
                .anyMatch(path -> Files.isExecutable(Path.of(path, command)));
    }

    /** The engine itself. */
    private static final class Shared implements AutoCloseable {
        private @Nullable Path folder;
        private @Nullable Process service;

        void open() throws Exception {
            if (folder != null) {
                return;
            }
            folder = Files.createTempDirectory("forebay-engine");
            Files.writeString(
                    folder().resolve("containers.conf"),
                    """
                    [containers]
                    default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
                    [engine]
                    runtime = "runc"
                    cgroup_manager = "cgroupfs"
                    events_logger = "file"
                    lock_type = "file"
                    tmp_dir = "%s/tmp"
                    """
                            .formatted(folder()));
            start();
            Path image = folder().resolve("image.tar");
            Files.write(image, image());
            podman("import", image.toString(), IMAGE);
        }

        private Path folder() {
            return Objects.requireNonNull(folder, "the engine was not started");
        }

        Path socket() {
            return folder().resolve("engine.sock");
        }

        private List<String> command(String... words) {
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    "podman",
                                    "--storage-driver",
                                    "vfs",
                                    "--root",
                                    folder().resolve("root").toString(),
                                    "--runroot",
                                    folder().resolve("run").toString()));
            command.addAll(List.of(words));
            return command;
        }

        private ProcessBuilder builder(List<String> command) {
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .directory(folder().toFile())
                            .redirectErrorStream(true);
            builder.environment()
                    .put("CONTAINERS_CONF", folder().resolve("containers.conf").toString());
            return builder;
        }

        /** Starts the service; containers that run are there already. */
        void start() throws Exception {
            service =
                    builder(command("system", "service", "--time=0", "unix://" + socket()))
                            .redirectOutput(folder().resolve("service.log").toFile())
                            .start();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!answers()) {
                assertThat(System.nanoTime() - deadline)
                        .as(
                                "the engine answers; its log: %s",
                                Files.readString(folder().resolve("service.log")))
                        .isNegative();
                boolean ended = service.waitFor(50, TimeUnit.MILLISECONDS);
                assertThat(ended).as("the engine has ended").isFalse();
            }
        }

        private boolean answers() {
            try {
                return OciExecutor.engineVersion(socket()).contains("Podman");
            } catch (IOException e) {
                return false; // Not yet.
            }
        }

        /** Ends the service; containers run on. */
        void stop() throws Exception {
            Process running = Objects.requireNonNull(service);
            running.destroy();
            assertThat(running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            Files.deleteIfExists(socket());
        }

        /** Asks the engine on its command line, and gives what it wrote. */
        String podman(String... words) throws Exception {
            Process process = builder(command(words)).start();
            String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as("podman %s: %s", List.of(words), text).isZero();
            return text.strip();
        }

        @Override
        public void close() throws Exception {
            if (folder == null) {
                return;
            }
            try {
                if (service != null && service.isAlive()) {
                    podman("rm", "--all", "--force", "--time", "0");
                    stop();
                }
            } finally {
                remove(folder());
            }
        }
    }

    private static void remove(Path root) throws IOException {
        if (Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> names = Files.newDirectoryStream(root)) {
                for (Path name : names) {
                    remove(name);
                }
            }
        }
        Files.delete(root);
    }

    /** The root of the image as a tar archive: busybox and a link to it for each command. */
    private static byte[] image() throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        entry(tar, "bin/", '5', "", new byte[0]);
        entry(tar, "bin/busybox", '0', "", Files.readAllBytes(BUSYBOX));
        String commands = "sh cat head dd tr sleep echo id grep wc ls touch wget tail true";
        for (String command : commands.split(" ", -1)) {
            entry(tar, "bin/" + command, '2', "busybox", new byte[0]);
        }
        tar.write(new byte[2 * BLOCK]);
        return tar.toByteArray();
    }

    private static void entry(
            ByteArrayOutputStream tar, String name, char type, String link, byte[] bytes) {
        byte[] head = new byte[BLOCK];
        put(head, 0, name);
        put(head, 100, "0000755");
        put(head, 108, "0000000");
        put(head, 116, "0000000");
        put(head, 124, "%011o".formatted(bytes.length));
        put(head, 136, "00000000000");
        put(head, 148, "        ");
        head[156] = (byte) type;
        put(head, 157, link);
        put(head, 257, "ustar");
        put(head, 263, "00");
        int sum = 0;
        for (byte one : head) {
            sum += one & 0xff;
        }
        put(head, 148, "%06o\0 ".formatted(sum));
        tar.writeBytes(head);
        tar.writeBytes(bytes);
        tar.writeBytes(new byte[(BLOCK - bytes.length % BLOCK) % BLOCK]);
    }

    private static void put(byte[] head, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, head, at, bytes.length);
    }
}
