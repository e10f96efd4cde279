package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.cli.Checkout.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher, run as users run it, around the classes of this build. */
@EnabledOnOs(OS.LINUX)
final class LauncherTest {
    @RegisterExtension static final Cli CLI = new Cli();

    /** Prints its own arguments, one a line, in place of Java. */
    private static final String PRINTING = "printf '%s\\n' \"$@\"";

    @TempDir Path directory;
    private Checkout checkout;

    @BeforeEach
    void makeCheckout() throws Exception {
        checkout =
                Checkout.at(directory.resolve("check out-ü"))
                        .with("FOREBAY_SERVER", CLI.url())
                        .with("XDG_CACHE_HOME", directory.resolve("cache").toString())
                        .with("LC_ALL", null)
                        .with("LC_CTYPE", null)
                        .with("LANG", null);
    }

    private Ended run(String line) throws Exception {
        return checkout.run(directory, line);
    }

    private static String hello() {
        String id = CLI.create();
        CLI.runWith("Hello".getBytes(UTF_8), "buffer", "write", id).text();
        return id;
    }

    private static List<String> names(Path folder) throws Exception {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    // Standard streams that are closed.

    @Test
    void writeFromClosedInputFailsAndStoresNothing() throws Exception {
        String id = CLI.create();
        Ended ended = run("\"$F\" buffer write " + id + " <&-");
        assertThat(ended.err()).contains("Error: ", "input");
        assertThat(ended.code()).isEqualTo(1);
        CLI.run("buffer", "read", id).failedWith(1, "permanently failed state");
    }

    @Test
    void readToClosedOutputFailsWithReason() throws Exception {
        Ended ended = run("\"$F\" buffer read " + hello() + " >&-");
        assertThat(ended.err()).contains("Error: ", "output");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void resultForClosedOutputIsFailure() throws Exception {
        Ended ended = run("\"$F\" version >&-");
        assertThat(ended.err()).contains("could not be written to standard output");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void closedStandardErrorChangesNoResult() throws Exception {
        assertThat(run("\"$F\" buffer read " + hello() + " 2>&-"))
                .isEqualTo(new Ended(0, "Hello", ""));
        assertThat(run("\"$F\" buffer read no-such/thing 2>&-").code()).isEqualTo(2);
    }

    @Test
    void allStreamsClosedIsStillTruthfulExitCode() throws Exception {
        assertThat(run("\"$F\" buffer show " + hello() + " <&- >&- 2>&-").code()).isEqualTo(1);
    }

    @Test
    void openStreamsStayWhatTheyAre() throws Exception {
        String id = CLI.create();
        assertThat(run("printf Hello | \"$F\" buffer write " + id).code()).isZero();
        assertThat(run("\"$F\" buffer read " + id).out()).isEqualTo("Hello");
    }

    // Names of files, whatever the locale.

    @ParameterizedTest
    @ValueSource(strings = {"LC_ALL=C", "LANG=xx_YY.UTF-8"})
    void serverInNonAsciiFolderUsesThatFolder(String locale) throws Exception {
        Path folder = Files.createDirectories(directory.resolve("names/messung-ü"));
        Process server = checkout.start(folder, locale + " exec \"$F\" serve --data d1 --port 0");
        try {
            String line = server.inputReader(UTF_8).readLine();
            assertThat(line).startsWith("listening on ");
            assertThat(names(directory.resolve("names"))).containsExactly("messung-ü");
            assertThat(names(folder.resolve("d1"))).contains("catalog.db");
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"LC_ALL=C", "LANG=xx_YY.UTF-8"})
    void filesOfNonAsciiNamesAreReadAndWritten(String locale) throws Exception {
        Path folder = Files.createDirectories(directory.resolve("messung-ü"));
        Files.writeString(folder.resolve("eingang-ä-日本"), "Hello");
        String id = CLI.create();
        Ended written = checkout.run(folder, locale + " \"$F\" buffer write -i eingang-ä-日本 " + id);
        assertThat(written.code()).as(written.err()).isZero();
        Ended read = checkout.run(folder, locale + " \"$F\" buffer read -o ausgang-ö " + id);
        assertThat(read.code()).as(read.err()).isZero();
        assertThat(Files.readString(folder.resolve("ausgang-ö"))).isEqualTo("Hello");
    }

    @Test
    void nameInLatin1IsRefusedAndMakesNoFile() throws Exception {
        Ended ended = run("\"$F\" buffer gen 1 -o $'out-\\xfc'");
        assertThat(ended.err()).startsWith("Error: ").contains("bytes that are not UTF-8");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(names(directory)).noneMatch(name -> name.startsWith("out-"));
    }

    @Test
    void relativeNameInLatin1FolderIsRefusedAndAbsoluteOneWorks() throws Exception {
        String enter = "mkdir -p $'lat\\xfc' && cd $'lat\\xfc' && ";
        Ended relative = run(enter + "\"$F\" buffer gen 1 -o out");
        assertThat(relative.err())
                .startsWith("Error: ")
                .contains("the name of the working directory", "bytes that are not UTF-8");
        assertThat(relative.code()).isEqualTo(2);
        Path out = directory.resolve("out");
        assertThat(run(enter + "\"$F\" buffer gen 1 -o " + out).code()).isZero();
        assertThat(Files.readString(out)).isEqualTo(":");
        assertThat(names(directory)).hasSize(3); // The checkout, the folder and the output.
    }

    @ParameterizedTest
    @CsvSource({"LC_ALL=C,-Dforebay.lc_all=C", "LC_ALL=,-Dforebay.lc_all=", "LANG=C,"})
    void childProcessesGetLocaleOfUser(String locale, String expected) throws Exception {
        Path seen = directory.resolve("seen");
        checkout.withJava(
                        "case \" $* \" in *' demo '*) exec \"$REAL\" \"$@\" ;; esac\n"
                                + "printf '%s\\n' \"$@\" >>\"$SEEN\"; exit 1")
                .with("SEEN", seen.toString());
        Ended ended = run(locale + " \"$F\" demo --file \"$F\" --exit");
        assertThat(ended.err()).contains("the server did not start");
        assertThat(Files.readAllLines(seen))
                .contains("serve")
                .filteredOn(argument -> argument.startsWith("-Dforebay.lc_all"))
                .isEqualTo(expected == null ? List.of() : List.of(expected));
    }

    // At a terminal.

    @Test
    void sumOfReadHasALineOfItsOwnAtATerminal() throws Exception {
        String read = "\"$F\" buffer read " + hello();
        Ended ended = run("TERM=xterm script -qec '" + read + "' /dev/null");
        assertThat(ended.out()).startsWith("Hello\r\n5 B read in ").doesNotContain("\033");
        assertThat(run(read + " 2>&1 | cat").out()).startsWith("Hello5 B read in ");
    }

    // Where the checkout is.

    @Test
    void temporaryFilesGoWhereTheUserSays() throws Exception {
        checkout.withJava(PRINTING);
        Path temporary = Files.createDirectory(directory.resolve("temporary files"));
        assertThat(run("TMPDIR='" + temporary + "' \"$F\" version").out())
                .contains("-Djava.io.tmpdir=" + temporary + "\n");
        assertThat(run("TMPDIR=/nowhere/at/all \"$F\" version").out())
                .doesNotContain("java.io.tmpdir");
    }

    @Test
    void checkoutWithColonWorksByAnotherName() throws Exception {
        Checkout other =
                Checkout.at(directory.resolve("a:b ü"))
                        .with("XDG_CACHE_HOME", directory.resolve("cache").toString());
        for (int i = 0; i < 2; i++) {
            Ended ended = other.run(directory, "\"$F\" version");
            assertThat(ended.out()).as(ended.err()).startsWith("forebay 0.1.0 on Java 25");
        }
        assertThat(names(directory.resolve("cache/forebay/names"))).hasSize(1);
    }

    @Test
    void checkoutWithColonAndNoCacheIsRefusedWithReason() throws Exception {
        Checkout other =
                Checkout.at(directory.resolve("a:b"))
                        .with("XDG_CACHE_HOME", null)
                        .with("HOME", null);
        Ended ended = other.run(directory, "\"$F\" version");
        assertThat(ended.err()).startsWith("Error: ").contains("':'", "XDG_CACHE_HOME");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void checkoutInLatin1FolderIsRefusedWithReason() throws Exception {
        Ended ended = run("cp -r \"${F%/*}\" $'lat\\xfc' && $'lat\\xfc/forebay' version");
        assertThat(ended.err()).startsWith("Error: ").contains("not UTF-8", "rename the folder");
        assertThat(ended.code()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"$F\" version",
                "cd \"${F%/*}\" && ./forebay version",
                "cd \"${F%/*}\" && bash forebay version",
                "ln -s \"$F\" link && ./link version",
                "env -u HOME \"$F\" version",
                "setsid \"$F\" version </dev/null",
                "TMPDIR=/nowhere \"$F\" version"
            })
    void launcherWorksHoweverItIsCalled(String line) throws Exception {
        assertThat(run(line).out()).startsWith("forebay 0.1.0 on Java 25");
    }

    @Test
    void workingDirectoryThatWasDeletedIsSaid() throws Exception {
        Ended ended = run("mkdir gone && cd gone && rmdir ../gone && \"$F\" version");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err())
                .contains("Error: the working directory is not there any more")
                .doesNotContain("java.lang");
    }

    @Test
    void limitOfOpenFilesThatIsTooLowIsRefusedWithNumbers() throws Exception {
        Ended ended = run("ulimit -n 64; \"$F\" serve --port 0");
        assertThat(ended.err())
                .startsWith("Error: a process may open 64 files here, and Forebay needs 256")
                .hasLineCount(1);
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void lowestLimitOfOpenFilesIsEnough() throws Exception {
        String id = hello();
        Ended ended = run("ulimit -n 256; \"$F\" buffer read " + id);
        assertThat(ended.out()).as(ended.err()).isEqualTo("Hello");
    }

    // The build and the rehearsal.

    @Test
    void twoFirstStartsBuildOnce() throws Exception {
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Path gate = directory.resolve("gate");
        assertThat(new ProcessBuilder("mkfifo", gate.toString()).start().waitFor()).isZero();
        Checkout.program(bin.resolve("mvn"), "echo build >>\"$LOG\"; read -r _ <\"$GATE\"");
        Path log = directory.resolve("log");
        checkout.with("PATH", bin + ":" + System.getenv("PATH"))
                .with("GATE", gate.toString())
                .with("LOG", log.toString());
        Files.delete(checkout.root().resolve("service/cli/target/forebay/built"));
        Process first = checkout.start(directory, "exec \"$F\" version");
        Process second = checkout.start(directory, "exec \"$F\" version");
        Files.writeString(gate, "go\n");
        for (Process each : List.of(first, second)) {
            assertThat(each.inputReader(UTF_8).readLine()).startsWith("forebay 0.1.0");
            assertThat(each.waitFor()).isZero();
        }
        assertThat(Files.readAllLines(log)).containsExactly("build");
    }

    @Test
    void failedBuildEndsStartAndIsRepeatedByNext() throws Exception {
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Checkout.program(bin.resolve("mvn"), "exit 1");
        checkout.with("PATH", bin + ":" + System.getenv("PATH"));
        Files.delete(checkout.root().resolve("service/cli/target/forebay/built"));
        for (int i = 0; i < 2; i++) {
            Ended ended = run("\"$F\" version");
            assertThat(ended.err())
                    .startsWith("building Forebay")
                    .contains("Error: the build failed");
            assertThat(ended.code()).isEqualTo(1);
        }
    }

    @Test
    void rehearsalIsAnnouncedAndItsFailureIsWarning() throws Exception {
        checkout.withJava("case \"$*\" in *AOTCacheOutput*) exit 1 ;; esac; echo ran");
        Files.delete(checkout.root().resolve("service/cli/target/forebay/aot/of"));
        Ended ended = run("\"$F\" version");
        assertThat(ended.err())
                .startsWith("preparing quick starts")
                .contains("Warning: the AOT cache was not made");
        assertThat(ended.out()).isEqualTo("ran\n");
        assertThat(ended.code()).isZero();
    }

    /** It would else load what the AOT cache cannot hold. */
    @Test
    void serverThatRehearsesIsToldSo() throws Exception {
        checkout.withJava(
                "case \"$*\" in *keep-commands) exit 0 ;; *AOTCacheOutput*\" serve \"*) echo \"$*\" >'%s/served'; esac; exit 1"
                        .formatted(directory));
        Files.delete(checkout.root().resolve("service/cli/target/forebay/aot/of"));
        run("\"$F\" version");
        assertThat(directory.resolve("served"))
                .content()
                .contains(" -Dforebay.rehearsal=true dev.forebay.cli.Forebay serve ");
    }

    /** As systemd ends it, or who gives up on it: a signal to the script alone. */
    @Test
    void signalDuringRehearsalLeavesNoProcess() throws Exception {
        checkout.withJava(
                """
                case "$*" in
                *keep-commands) exit 0 ;;
                *AOTCacheOutput*" serve "*) echo $$ >'%1$s/server'; echo listening on http://x ;;
                *AOTCacheOutput*) echo $$ >'%1$s/command'; kill -TERM "$PPID" ;;
                esac
                exec tail -f /dev/null
                """
                        .formatted(directory));
        Files.delete(checkout.root().resolve("service/cli/target/forebay/aot/of"));
        assertThat(run("\"$F\" version").code()).isEqualTo(143);
        for (String name : List.of("server", "command")) {
            long pid = Long.parseLong(Files.readString(directory.resolve(name)).strip());
            Optional<ProcessHandle> left = ProcessHandle.of(pid);
            try {
                assertThat(
                                left.map(ProcessHandle::onExit)
                                        .orElse(CompletableFuture.completedFuture(null)))
                        .as(name)
                        .succeedsWithin(Duration.ofSeconds(20));
            } finally {
                left.ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    /** Makes a rehearsal succeed at once, and prints the arguments of every other start. */
    private static final String REHEARSING =
            """
            for a in "$@"; do case "$a" in -XX:AOTCacheOutput=*) : >"${a#*=}"; rehearsal=yes ;; esac; done
            case "${rehearsal:-} $* " in "yes "*" serve "*) echo listening on http://x ;; " "*) printf '%s\\n' "$@" ;; esac
            """;

    /** Leaves no room for the AOT cache beside the jars, whatever the rights of this user. */
    private Path withoutRoomBeside() throws Exception {
        Path aot = checkout.root().resolve("service/cli/target/forebay/aot");
        Files.delete(aot.resolve("of"));
        Files.delete(aot);
        return Files.createFile(aot);
    }

    @Test
    void rehearsalGoesToCacheOfUserWhereFolderCannotBeWritten() throws Exception {
        checkout.withJava(REHEARSING);
        withoutRoomBeside();
        assertThat(run("\"$F\" version").err())
                .startsWith("preparing quick starts")
                .hasLineCount(1);
        Ended second = run("\"$F\" version");
        assertThat(second.err()).isEmpty();
        Path quickStarts = directory.resolve("cache/forebay/quick-starts");
        assertThat(second.out())
                .contains("-XX:AOTCache=" + quickStarts, "-Dforebay.commands=" + quickStarts);
    }

    @Test
    void rehearsalMakesOneCacheForEachKindOfCommand() throws Exception {
        checkout.withJava(REHEARSING);
        Path aot = checkout.root().resolve("service/cli/target/forebay/aot");
        Files.delete(aot.resolve("of"));
        assertThat(run("\"$F\" setup").code()).isZero();
        for (String kind : List.of("serve", "command", "short")) {
            assertThat(aot.resolve(kind)).exists();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "serve --port 0,serve",
        "buffer write x,command",
        "buffer read x,command",
        "buffer restore,command",
        "run show 1,command",
        "buffer create,short",
        "buffer list --limit 1,short",
        "login status,short",
        "completion fish,short",
        "version,short",
        "--help,short",
        "'',command"
    })
    void commandStartsFromTheCacheOfItsKind(String words, String kind) throws Exception {
        checkout.withJava("printf '%s\\n' \"$@\"");
        assertThat(run("\"$F\" " + words).out().lines())
                .contains(
                        "-XX:AOTCache=%s/service/cli/target/forebay/aot/%s"
                                .formatted(checkout.root(), kind));
    }

    @Test
    void rehearsalThatKeepsNoCommandsIsWarning() throws Exception {
        checkout.withJava(
                "case \"$*\" in *keep-commands) echo 'Error: no room' >&2; exit 1 ;; esac; echo ran");
        Path aot = checkout.root().resolve("service/cli/target/forebay/aot");
        Files.delete(aot.resolve("of"));
        Ended ended = run("\"$F\" version");
        assertThat(ended.err()).contains("Warning: the AOT cache was not made");
        assertThat(ended.out()).isEqualTo("ran\n");
        assertThat(aot.resolve("log")).hasContent("Error: no room");
    }

    @Test
    void rehearsalWithoutCacheIsWarning() throws Exception {
        checkout.withJava("case \"$*\" in *' serve '*) echo listening on http://x ;; esac");
        Files.delete(checkout.root().resolve("service/cli/target/forebay/aot/of"));
        assertThat(run("\"$F\" version").err()).contains("Warning: the AOT cache was not made");
    }

    @Test
    void setupSaysWhereQuickStartsAre() throws Exception {
        Ended ended = run("\"$F\" setup");
        assertThat(ended.out())
                .isEqualTo(
                        "quick starts are prepared in %s/service/cli/target/forebay/aot%n",
                        checkout.root());
        assertThat(ended.code()).as(ended.err()).isZero();
    }

    @Test
    void setupThatCannotRehearseFails() throws Exception {
        checkout.withJava("case \"$*\" in *AOTCacheOutput*) exit 1 ;; esac; echo ran");
        Files.delete(checkout.root().resolve("service/cli/target/forebay/aot/of"));
        Ended ended = run("\"$F\" setup");
        assertThat(ended.out()).isEmpty();
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void setupWithoutRoomFails() throws Exception {
        withoutRoomBeside();
        Files.createFile(directory.resolve("cache"));
        Ended ended = run("\"$F\" setup");
        assertThat(ended.err()).contains("Warning: ", "Error: expected a folder");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void placeWithoutRoomForAotCacheIsWarning() throws Exception {
        withoutRoomBeside();
        Files.createFile(directory.resolve("cache"));
        Ended ended = run("\"$F\" version");
        assertThat(ended.err()).contains("Warning: neither ", "can be written");
        assertThat(ended.out()).startsWith("forebay 0.1.0");
        assertThat(ended.code()).isZero();
    }

    // Memory.

    @ParameterizedTest
    @CsvSource({
        "64M,-Xmx64m,-XX:MaxDirectMemorySize=16m",
        "262144K,-Xmx64m,-XX:MaxDirectMemorySize=72m",
        "2147483648,-Xmx256m,-XX:MaxDirectMemorySize=1272m",
        "2G,-Xmx256m,-XX:MaxDirectMemorySize=1272m"
    })
    void memoryThatUserNamesIsSharedOut(String memory, String heap, String direct)
            throws Exception {
        checkout.withJava(PRINTING).with("FOREBAY_MEMORY", memory);
        for (String command : List.of("serve --port 0", "buffer write x", "buffer read x")) {
            assertThat(run("\"$F\" " + command).out().lines()).contains(heap, direct);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2T", "G", "-1", "1.5G", "2 G", "999999999999999999999"})
    void memoryThatIsNoNumberIsRefused(String memory) throws Exception {
        checkout.withJava(PRINTING).with("FOREBAY_MEMORY", memory);
        Ended ended = run("\"$F\" serve --port 0");
        assertThat(ended.err()).startsWith("Error: FOREBAY_MEMORY").contains(memory, "such as 2G");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void memoryOfMachineIsSharedOut() throws Exception {
        checkout.withJava(PRINTING).with("FOREBAY_MEMORY", null);
        assertThat(run("\"$F\" serve --port 0").out())
                .containsPattern("-Xmx[0-9]+m\n")
                .containsPattern("-XX:MaxDirectMemorySize=[0-9]+m\n");
    }

    /** In a mount namespace of its own, where the kernel's files say what the test says. */
    private Ended inContainer(String cgroup, String file, String limit) throws Exception {
        assumeTrue(
                new ProcessBuilder("unshare", "-rm", "true").start().waitFor(5, TimeUnit.SECONDS)
                        && new ProcessBuilder("unshare", "-rm", "true").start().waitFor() == 0,
                "no mount namespace to be had");
        Path of = Files.writeString(directory.resolve("cgroup"), cgroup + "\n");
        Path sys = directory.resolve("sys");
        Path at = sys.resolve(file);
        Files.createDirectories(at.getParent());
        Files.writeString(at, limit + "\n");
        checkout.withJava(PRINTING).with("FOREBAY_MEMORY", null);
        return run(
                "unshare -rm bash -c 'mount --bind %s /sys/fs/cgroup && exec bash -c \"mount --bind %s /proc/\\$\\$/cgroup && exec \\\"\\$F\\\" serve --port 0\"'"
                        .formatted(sys, of));
    }

    @Test
    void limitOfCgroupVersion2IsKept() throws Exception {
        Ended ended = inContainer("0::/a/b", "a/memory.max", "2147483648");
        assertThat(ended.out().lines())
                .as(ended.err())
                .contains("-Xmx256m", "-XX:MaxDirectMemorySize=1272m");
    }

    @Test
    void limitOfCgroupVersion1IsKept() throws Exception {
        Ended ended = inContainer("4:cpu,memory:/x", "memory/memory.limit_in_bytes", "2147483648");
        assertThat(ended.out().lines())
                .as(ended.err())
                .contains("-Xmx256m", "-XX:MaxDirectMemorySize=1272m");
    }
}
