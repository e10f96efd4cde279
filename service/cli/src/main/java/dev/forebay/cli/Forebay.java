package dev.forebay.cli;

import java.nio.file.Path;
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
            JournalCommand.class,
            CompletionCommand.class,
            VersionCommand.class,
            WarmUpCommand.class
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage, nothing was done",
            "3:the data is damaged, or a check failed",
            "130:interrupted by SIGINT; 143 by SIGTERM"
        },
        footerHeading = "%nStart here: forebay demo%n",
        synopsisSubcommandLabel = "COMMAND")
public final class Forebay implements Callable<Integer> {
    static final int DAMAGED = Failures.DAMAGED;

    private final Shell shell;

    @Spec private CommandSpec spec;

    private Forebay(Shell shell) {
        this.shell = shell;
    }

    Shell shell() {
        return shell;
    }

    public static void main(String[] args) {
        System.exit(run(Shell.system(), args));
    }

    static int run(Shell shell, String... args) {
        int code =
                ShortWay.to(new Forebay(shell), args)
                        .map(program -> dressed(program, shell))
                        .orElseGet(() -> commandLine(shell))
                        .execute(args);
        // A writer of text keeps its failures to itself until it is asked.
        return code == 0 && shell.out().checkError() ? Failures.outputLost(shell) : code;
    }

    /** The whole program. */
    static CommandLine commandLine(Shell shell) {
        return dressed(new CommandLine(new Forebay(shell)), shell);
    }

    private static CommandLine dressed(CommandLine program, Shell shell) {
        addVersion(program);
        return program.setOut(shell.out())
                .setErr(shell.err())
                .setParameterExceptionHandler((e, _) -> Failures.misused(e))
                .setExecutionExceptionHandler((e, command, _) -> Failures.failed(e, command))
                .registerConverter(int.class, new Values.Whole())
                .registerConverter(Integer.class, new Values.Whole())
                .registerConverter(long.class, new Values.LongWhole())
                .registerConverter(Path.class, new Values.File())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true);
    }

    /** Every command takes {@code --version}, so every command has to know it. */
    private static void addVersion(CommandLine command) {
        command.getCommandSpec().version(VersionCommand.TEXT);
        command.getSubcommands().values().forEach(Forebay::addVersion);
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "expected a command");
    }
}
