package dev.forebay.cli;

import dev.forebay.server.UserAdministration;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which server's users a command is about. */
final class UserDirectory {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "The directory of the server, which may run or not; default $$XDG_DATA_HOME/forebay.")
    private Path data;

    Path path() {
        Path directory =
                data != null ? data : Shell.of(spec).folder("XDG_DATA_HOME", ".local/share");
        return directory.toAbsolutePath();
    }

    UserAdministration users() {
        return UserAdministration.of(path());
    }
}
