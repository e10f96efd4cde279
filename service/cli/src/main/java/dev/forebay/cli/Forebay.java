package dev.forebay.cli;

import dev.forebay.base.DamagedException;
import dev.forebay.base.ForebayException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The program. Results and data go to standard output, everything else to standard error. Exit
 * codes: 0 done, 1 failed, 2 wrong usage, 3 the data is damaged or a check failed, 130 interrupted.
 */
@Command(
        name = "forebay",
        description =
                "Durable buffers for machines that produce data faster, or at other times, than anyone can take it.",
        subcommands = {
            BufferCommand.class,
            LoginCommand.class,
            LogoutCommand.class,
            ServeCommand.class,
            DemoCommand.class,
            VersionCommand.class
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nStart here: forebay demo%n",
        synopsisSubcommandLabel = "COMMAND")
public final class Forebay implements Callable<Integer> {
    static final int DAMAGED = 3;

    @Spec private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        return new CommandLine(new Forebay())
                .setExecutionExceptionHandler((e, command, parsed) -> failed(e, command))
                .setUsageHelpAutoWidth(true)
                .execute(args);
    }

    private static int failed(Exception e, CommandLine command) throws Exception {
        if (!(e instanceof ForebayException
                || e instanceof IOException
                || e instanceof IllegalArgumentException)) {
            throw e;
        }
        command.getErr().println("Error: " + e.getMessage());
        return e instanceof DamagedException
                ? DAMAGED
                : e instanceof IllegalArgumentException ? 2 : 1;
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "expected a command");
    }
}
