package dev.forebay.run.process;

import dev.forebay.base.Printable;
import dev.forebay.run.RunRefusedException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The commands of the system that start a program, and the isolation that they give here.
 *
 * @param user whom programs run as; empty for the server's own user
 */
record Tools(
        Isolation isolation,
        String sh,
        String env,
        String setsid,
        Optional<String> setpriv,
        Optional<User> user,
        Optional<Path> hidden) {

    /** Another user of the system. */
    record User(String name, int uid, int gid) {}

    /** The status with which the probe of an isolation ends. */
    private static final int PROBE = 7;

    /** Finds the commands and tries the kinds of isolation, the best first. Blocks. */
    static Tools find(ProcessSettings settings) throws IOException, InterruptedException {
        Optional<User> user = user(settings);
        Optional<String> setpriv = optional("setpriv");
        if (user.isPresent() && setpriv.isEmpty()) {
            throw missing("setpriv");
        }
        for (Isolation isolation : Isolation.values()) {
            if (settings.isolation().orElse(isolation) == isolation) {
                Tools tools =
                        new Tools(
                                isolation,
                                required("sh"),
                                required("env"),
                                required("setsid"),
                                setpriv,
                                user,
                                settings.hidden());
                if (tools.works()) {
                    return tools;
                }
            }
        }
        throw new RunRefusedException(
                "the isolation %s does not work on this machine; leave the choice to the executor"
                        .formatted(settings.isolation().map(Isolation::text).orElse("mark")));
    }

    private static Optional<User> user(ProcessSettings settings)
            throws IOException, InterruptedException {
        int own = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (settings.user().isEmpty()) {
            if (own == 0) {
                throw new RunRefusedException(
                        "the server runs as root, and programs would too; name the user that they"
                                + " are to run as with --executor-user");
            }
            return Optional.empty();
        }
        String name = settings.user().get();
        int uid = number("-u", name);
        if (uid == own) {
            return Optional.empty();
        }
        if (own != 0) {
            throw new RunRefusedException(
                    "programs are to run as %s, and only a server of root can do that; leave"
                                    .formatted(name)
                            + " --executor-user out");
        }
        return Optional.of(new User(name, uid, number("-g", name)));
    }

    private static int number(String option, String user) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(required("id"), option, "--", user)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String text =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        if (process.waitFor() != 0) {
            throw new RunRefusedException(
                    "programs are to run as '%s', and the system has no such user; name another"
                            .formatted(Printable.of(user)));
        }
        return Integer.parseInt(text.strip());
    }

    private static String required(String name) throws IOException {
        return optional(name).orElseThrow(() -> missing(name));
    }

    private static IOException missing(String name) {
        return new IOException(
                "command '%s' is not in the path; the process executor needs it: install it"
                        .formatted(name));
    }

    private static Optional<String> optional(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("") + ":/usr/bin:/bin";
        return Arrays.stream(path.split(File.pathSeparator, -1))
                .filter(directory -> directory.startsWith("/"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    private boolean works() throws IOException, InterruptedException {
        Optional<List<String>> words = isolation(List.of(), Optional.empty());
        if (words.isEmpty()) {
            return false;
        }
        List<String> probe =
                Stream.concat(words.get().stream(), Stream.of(sh, "-c", "exit " + PROBE)).toList();
        return new ProcessBuilder(probe)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == PROBE;
    }

    /** The words before the supervisor; empty if a command for them is missing. */
    private Optional<List<String>> isolation(List<Path> visible, Optional<ControlGroups> groups) {
        return switch (isolation) {
            case BUBBLEWRAP -> optional("bwrap").map(bwrap -> bubblewrap(bwrap, visible, groups));
            case NAMESPACE -> optional("unshare").map(Tools::namespace);
            case MARK -> Optional.of(List.of());
        };
    }

    private List<String> bubblewrap(
            String bwrap, List<Path> visible, Optional<ControlGroups> groups) {
        List<String> words = new ArrayList<>(List.of(bwrap, "--die-with-parent", "--unshare-pid"));
        if (user.isEmpty()) {
            words.addAll(List.of("--cap-drop", "ALL"));
        }
        words.addAll(List.of("--dev-bind", "/", "/", "--proc", "/proc"));
        groups.map(ControlGroups::root)
                .map(Path::toString)
                .ifPresent(path -> words.addAll(List.of("--ro-bind", path, path)));
        hidden.ifPresent(path -> words.addAll(List.of("--tmpfs", path.toString())));
        for (Path path : visible) {
            words.addAll(List.of("--bind", path.toString(), path.toString()));
        }
        words.add("--");
        return words;
    }

    private static List<String> namespace(String unshare) {
        return List.of(unshare, "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--");
    }

    /** The whole command line of a run. */
    List<String> commandLine(
            RunDirectory directory, RunRecord record, Optional<ControlGroups> groups) {
        List<String> words = new ArrayList<>();
        groups.ifPresent(all -> words.addAll(all.enter(sh, record)));
        words.addAll(
                isolation(
                                List.of(
                                        directory.folder().pipes(),
                                        directory.work(),
                                        directory.program()),
                                groups)
                        .orElseThrow());
        words.addAll(List.of(sh, "-c", Shell.SUPERVISOR, "forebay-run", setsid));
        setpriv.ifPresent(path -> words.addAll(List.of(path, "--no-new-privs")));
        user.ifPresent(other ->
                words.addAll(
                        List.of(
                                "--reuid=" + other.uid(),
                                "--regid=" + other.gid(),
                                "--clear-groups",
                                "--inh-caps=-all",
                                "--bounding-set=-all")));
        setpriv.ifPresent(_ -> words.add("--"));
        words.addAll(List.of(sh, directory.program().toString()));
        return words;
    }
}
