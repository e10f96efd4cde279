package dev.forebay.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.Channels;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The page {@code docs/cli.md}: what holds for all commands, and what each says of itself. */
final class Manual {
    private static final int WIDTH = 100;

    private static final String HEAD =
            """
            # Command line

            This page is made from the commands' own help; `service/cli` has the test that keeps it so. To make it anew:
            `mvn -pl service/cli -am test -Dtest=ManualTest -Dforebay.manual=write -Dsurefire.failIfNoSpecifiedTests=false`.

            ## What holds for all commands

            - Results and data go to standard output; progress, warnings and errors go to standard error. An error is one line
              that begins with `Error: ` and says what was expected and what to do next.
            - Exit codes: 0 done, 1 failed, 2 wrong usage (nothing was done), 3 the data is damaged or a check failed, 130
              interrupted by SIGINT, 143 by SIGTERM. A command whose standard output is a pipe that nobody reads any more ends
              with 1 and without a word.
            - The server is that of `--server`, else of the variable `FOREBAY_SERVER`, else of `forebay login`, which is kept in
              `$XDG_CACHE_HOME/forebay/login`. An access URL needs none of them.
            - **Proxies** of HTTP, on the way to control plane and data: `--proxy none` has none, `--proxy URL` takes one for all
              servers (a tunnel for https, the whole URL in the request for http), and `--proxy auto` takes that of `HTTPS_PROXY`,
              for https alone and not for this machine or what `NO_PROXY` names. Default: as `forebay login` was told, else `auto`.
              `forebay user` needs none: it works on the data directory of this machine. A proxy's password is in no
              output.
            - A **size** is a number and a unit, as often as one likes: `512`, `64KiB`, `4MB`, `10G`, `1GB512MB`. Units are `B`,
              and `K`, `M`, `G`, `T`, `P`, `E` with or without `B` or `iB`; upper case, powers of 1024.
            - A **lifetime** is `D`, `D.HH`, `D.HH:MM` or `D.HH:MM:SS`: days, hours, minutes and seconds, two digits each but for
              the days. `7` is a week, `0.00:30` half an hour, `0` ends now.
            - A **time** is a number and a unit of `ns`, `us`, `ms`, `s`, `m`, `h`, as often as one likes: `300ms`, `1.5s`,
              `2h45m`; at most a year, `8760h`.
            - **File names** are UTF-8, whatever the locale says; a name with other bytes is refused. Child processes get the
              locale that the user has.
            - **Temporary files**, those of `write --from-command` and of the demos, are in `$TMPDIR`, by default `/tmp`.
            - **Memory**: `serve`, `read` and `write` take an eighth of the machine's memory, or of their cgroup's, for objects, and
              three quarters of what is then left for blocks; `FOREBAY_MEMORY=2G` names less. Blocks in flight shrink to fit. A
              block that does not fit is refused with the numbers.
            - An interrupted `write` ends within 12 s. It says whether the buffer is marked failed, and so whether its readers end or
              wait.
            - Control characters in what a server sends are printed as `\\u001b`, so they never reach the terminal.
            - A failure that no code expected is one line; its stack trace is in a file under `$XDG_STATE_HOME/forebay` that the
              line names.
            - A **tag** is `KEY=VALUE` of letters, digits, `-`, `_` and `.`; several in one are divided by commas.

            ## Transfer settings

            `read` and `write` take their defaults from `$XDG_CONFIG_HOME/forebay/transfer.json`, by the host of the buffer's
            access URL:

            ```json
            {
              "*": {"dop": 16},
              "scanner.local": {"blockSize": "8MiB", "read": {"dop": 64}, "write": {"dop": 8}}
            }
            ```

            `dop` is how many requests are on their way at a time, 1 to 1024; `blockSize` is for writing, 1 B to 1 GiB. A flag beats
            the host, the host beats `*`, and `*` beats the built-in default, for each value on its own; under either of them
            `read` or `write` beats what stands beside these. `//` and `/* */` comments are allowed. An unknown key or a bad
            value is an error that names line and key.

            """;

    private Manual() {}

    /** Commands that print nothing, and read nothing of the user's. */
    static CommandLine program() {
        Shell shell =
                new Shell(
                        name -> null,
                        () -> Channels.newChannel(java.io.InputStream.nullInputStream()),
                        () -> Channels.newChannel(java.io.OutputStream.nullOutputStream()),
                        new PrintWriter(new StringWriter()),
                        new PrintWriter(new StringWriter()),
                        () -> false,
                        _ -> Optional.empty());
        return Forebay.commandLine(shell).setUsageHelpAutoWidth(false).setUsageHelpWidth(WIDTH);
    }

    /** The program and all below it, in the order of the help. */
    static Stream<CommandLine> all(CommandLine command) {
        return Stream.concat(
                Stream.of(command),
                new LinkedHashSet<>(command.getSubcommands().values())
                        .stream()
                                .filter(below -> !below.getCommandSpec().usageMessage().hidden())
                                .flatMap(Manual::all));
    }

    static String page() {
        List<CommandLine> commands = all(program()).toList();
        StringBuilder page = new StringBuilder(HEAD).append("## Commands\n\n");
        page.append("| Command | |\n|---|---|\n");
        for (CommandLine command : commands) {
            String name = command.getCommandSpec().qualifiedName();
            String what =
                    Stream.of(command.getCommandSpec().usageMessage().description())
                            .limit(1)
                            .collect(Collectors.joining());
            page.append("| [`%s`](#%s) | %s |\n".formatted(name, name.replace(' ', '-'), what));
        }
        for (CommandLine command : commands) {
            String name = command.getCommandSpec().qualifiedName();
            String help =
                    command.getUsageMessage(Ansi.OFF).stripTrailing().replaceAll(" +\n", "\n");
            page.append("\n### %s\n\n```text\n%s\n```\n".formatted(name, help));
        }
        return page.toString();
    }
}
