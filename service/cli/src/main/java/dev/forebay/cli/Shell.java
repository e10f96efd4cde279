package dev.forebay.cli;

import dev.forebay.base.Clock;
import java.io.PrintWriter;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a command has around it; a test brings its own. Text that commands print goes through {@link
 * #out} and {@link #err}, which let no control character through.
 */
final class Shell {
    private final Function<String, @Nullable String> variables;
    private final Supplier<ReadableByteChannel> input;
    private final Supplier<WritableByteChannel> output;
    private final PrintWriter rawOut;
    private final PrintWriter rawErr;
    private final BooleanSupplier watched;
    private final Function<String, Optional<String>> prompt;
    private final PrintWriter out;
    private final PrintWriter err;
    private final CountDownLatch end;

    /** Whether requests are told on standard error. */
    private final boolean tracing;

    /**
     * A shell of these parts.
     *
     * @param variables the environment
     * @param input opens standard input
     * @param output opens standard output for data
     * @param rawOut standard output for text
     * @param rawErr standard error
     * @param watched true if standard error is a terminal
     * @param prompt asks the user a question; empty if there is no terminal, or its input has ended
     */
    Shell(
            Function<String, @Nullable String> variables,
            Supplier<ReadableByteChannel> input,
            Supplier<WritableByteChannel> output,
            PrintWriter rawOut,
            PrintWriter rawErr,
            BooleanSupplier watched,
            Function<String, Optional<String>> prompt) {
        this(
                variables,
                input,
                output,
                rawOut,
                rawErr,
                watched,
                prompt,
                new CountDownLatch(1),
                false);
    }

    private Shell(
            Function<String, @Nullable String> variables,
            Supplier<ReadableByteChannel> input,
            Supplier<WritableByteChannel> output,
            PrintWriter rawOut,
            PrintWriter rawErr,
            BooleanSupplier watched,
            Function<String, Optional<String>> prompt,
            CountDownLatch end,
            boolean tracing) {
        this.end = end;
        this.tracing = tracing;
        this.variables = variables;
        this.input = input;
        this.output = output;
        this.rawOut = rawOut;
        this.rawErr = rawErr;
        this.watched = watched;
        this.prompt = prompt;
        this.out = Terminal.printable(rawOut);
        this.err = Terminal.printable(rawErr);
    }

    /** The same, with standard error as the log that the options say. */
    Shell withLog(LogOptions options) {
        PrintWriter log =
                new PrintWriter(new LogLines(rawErr, options.level(), options.json()), true);
        boolean line = !options.json() && options.level().compareTo(LogLines.Level.INFO) <= 0;
        return new Shell(
                variables,
                input,
                output,
                rawOut,
                line ? rawErr : log,
                () -> line && watched.getAsBoolean(),
                prompt,
                end,
                options.level().compareTo(LogLines.Level.DEBUG) <= 0);
    }

    /** Tells on standard error that a request was answered, if the user wants to know. */
    void trace(String request) {
        if (tracing) {
            err.println("Debug: " + LogLines.redacted(request));
        }
    }

    /** That of this process. */
    static Shell system() {
        return new Shell(
                System::getenv,
                StandardStreams::input,
                () -> new StandardOutput(StandardStreams.output()),
                new PrintWriter(System.out, true, System.out.charset()),
                new PrintWriter(System.err, true, System.err.charset()),
                Terminal::isStandardError,
                Terminal::ask);
    }

    /** The user's answer to a question; empty if there is nobody to ask. */
    Optional<String> ask(String question) {
        return prompt.apply(question);
    }

    /** Opens standard input. */
    ReadableByteChannel input() {
        return input.get();
    }

    /** Opens standard output for data. */
    WritableByteChannel output() {
        return output.get();
    }

    /** Takes the text of results. */
    PrintWriter out() {
        return out;
    }

    /** Takes messages. */
    PrintWriter err() {
        return err;
    }

    /** Takes help texts, which may hold colours; never text of others. */
    PrintWriter rawOut() {
        return rawOut;
    }

    /** The same for help texts after an error. */
    PrintWriter rawErr() {
        return rawErr;
    }

    /** The program has said all it has to say. */
    void ended() {
        end.countDown();
    }

    /** Waits until the program has said all it has to say; false if the time is over first. */
    boolean awaitEnd(long most, TimeUnit unit) throws InterruptedException {
        return end.await(most, unit);
    }

    /** True if a result was lost: a writer of text keeps its failures until it is asked. */
    boolean outputFailed() {
        out.flush();
        return rawOut.checkError();
    }

    /** The one that the program was started with. */
    static Shell of(CommandSpec spec) {
        return ((Forebay) spec.root().userObject()).shell();
    }

    /** What the variable says, or null if it is unset or blank. */
    @Nullable String variable(String name) {
        String value = variables.apply(name);
        return value == null || value.isBlank() ? null : value;
    }

    /**
     * The program's folder below {@code $variable}, or below {@code fallback} in the home directory
     * if the variable holds no absolute path, as the XDG specification has it.
     *
     * @throws NoHomeException if the home directory is needed and not known
     */
    Path folder(String variable, String fallback) {
        return folderIfKnown(variable, fallback)
                .orElseThrow(() ->
                        new NoHomeException(
                                "the home directory is not known; set HOME or " + variable));
    }

    /** The home directory is needed and not known. */
    static final class NoHomeException extends IllegalArgumentException {
        private NoHomeException(String message) {
            super(message);
        }
    }

    /** The same; empty if the home directory is needed and not known, as for some services. */
    Optional<Path> folderIfKnown(String variable, String fallback) {
        String base = variable(variable);
        if (base != null && base.startsWith("/")) {
            return Optional.of(FileNames.path(base).resolve("forebay"));
        }
        // Java takes the home directory from the system's list of users, and knows no $HOME.
        String given = variable("HOME");
        String home = given != null ? given : System.getProperty("user.home", "?");
        return home.startsWith("/")
                ? Optional.of(FileNames.path(home).resolve(fallback).resolve("forebay"))
                : Optional.empty();
    }

    /** True if standard error is a terminal that can write a line anew. */
    boolean isWatched() {
        return watched.getAsBoolean() && !isDumb();
    }

    /** False if the user wants no colours, or the terminal has none. */
    boolean takesColours() {
        return variable("NO_COLOR") == null && !isDumb();
    }

    private boolean isDumb() {
        return "dumb".equals(variable("TERM"));
    }

    /** Tells how a transfer goes that begins now. */
    Progress progress(Progress.Shown shown) {
        return new Progress(rawErr, shown, Clock.system());
    }
}
