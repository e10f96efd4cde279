package dev.forebay.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
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
            CodespecCommand.class,
            RunCommand.class,
            LoginCommand.class,
            LogoutCommand.class,
            ServeCommand.class,
            UserCommand.class,
            DemoCommand.class,
            JournalCommand.class,
            LogCommand.class,
            SetupCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
            CompleteWordsCommand.class,
            VersionCommand.class,
            WarmUpCommand.class,
            KeepCommandsCommand.class
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
        footerHeading = "%nStart here: forebay demo%n%n",
        footer = {
            "Sizes: 512, 64KiB, 1.5G; K, KB and KiB alike are 1024 bytes, and so on up to E.",
            "Times: 300ms, 1.5s, 2h45m, 30d. Lifetimes also: D, D.HH, D.HH:MM, D.HH:MM:SS in days.",
            "Every command takes --log-level trace|debug|info|warn|error and --log-format pretty|plain|json for standard error.",
            "NO_COLOR=1 turns colours off, TERM=dumb also the running line of a transfer."
        },
        synopsisSubcommandLabel = "COMMAND")
public final class Forebay implements Callable<Integer> {
    static final int DAMAGED = Failures.DAMAGED;

    private final Shell shell;

    @Spec private CommandSpec spec;

    @Option(
            names = LogOptions.LEVEL,
            scope = ScopeType.INHERIT,
            hidden = true,
            paramLabel = "LEVEL",
            description = "Lines of lower levels are not printed on standard error.")
    @SuppressWarnings("unused") // Found by LogOptions before the line is parsed.
    private LogLines.Level logLevel;

    @Option(
            names = LogOptions.FORMAT,
            scope = ScopeType.INHERIT,
            hidden = true,
            paramLabel = "FORMAT",
            converter = LogOptions.FormatWord.class,
            completionCandidates = LogOptions.FormatWords.class,
            description = "How lines on standard error are printed.")
    @SuppressWarnings("unused") // The same.
    private String logFormat;

    private Forebay(Shell shell) {
        this.shell = shell;
    }

    Shell shell() {
        return shell;
    }

    public static void main(String[] args) {
        // Or picocli looks for Groovy, and to find that it is absent, Java opens every jar.
        System.setProperty("picocli.disable.closures", "true");
        Shell shell = Shell.system();
        int code = run(shell, args);
        shell.ended();
        System.exit(code);
    }

    static int run(Shell given, String... args) {
        return run(KeptCommands.ofProcess(), given, args);
    }

    static int run(KeptCommands kept, Shell given, String... args) {
        Shell shell = LogOptions.areIn(args) ? given.withLog(LogOptions.of(args)) : given;
        int code;
        try {
            CommandLine program =
                    (LogOptions.areIn(args)
                                    ? Optional.<CommandLine>empty()
                                    : new FastCommands(kept).to(new Forebay(shell), args))
                            .map(fast -> dressed(fast, shell))
                            .orElseGet(() -> commandLine(shell));
            code = program.execute(HelpWords.asOption(program, args));
        } catch (Throwable e) {
            // The parser lets errors through, and its own faults.
            code = Failures.failed(e, shell);
        }
        return code == 0 && shell.outputFailed() ? Failures.outputLost(shell) : code;
    }

    /** The whole program. */
    static CommandLine commandLine(Shell shell) {
        return dressed(new CommandLine(new Forebay(shell)), shell);
    }

    private static CommandLine dressed(CommandLine program, Shell shell) {
        addVersion(program);
        return converting(program)
                .setOut(shell.rawOut())
                .setErr(shell.rawErr())
                .setParameterExceptionHandler(Failures::misused)
                .setExecutionExceptionHandler((e, _, _) -> Failures.failed(e, shell))
                .setColorScheme(
                        Help.defaultColorScheme(
                                shell.takesColours() ? Help.Ansi.AUTO : Help.Ansi.OFF))
                .setUsageHelpAutoWidth(true);
    }

    /** The same command, which reads the values of options as all commands do. */
    static CommandLine converting(CommandLine command) {
        return command.registerConverter(int.class, new OptionValues.Whole())
                .registerConverter(Integer.class, new OptionValues.Whole())
                .registerConverter(long.class, new OptionValues.LongWhole())
                .registerConverter(Path.class, new OptionValues.File())
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Every command takes {@code --version}, so every command has to know it. */
    private static void addVersion(CommandLine command) {
        command.getCommandSpec().version(VersionCommand.TEXT);
        command.getSubcommands().values().forEach(Forebay::addVersion);
    }

    @Override
    public Integer call() {
        return HelpWords.print(spec);
    }
}
