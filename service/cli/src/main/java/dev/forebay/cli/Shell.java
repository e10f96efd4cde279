package dev.forebay.cli;

import dev.forebay.base.Clock;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;

import java.io.PrintWriter;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a command has around it; a test brings its own.
 *
 * @param variables the environment
 * @param input opens standard input
 * @param output opens standard output for data; text goes to {@code out}
 * @param watched whether somebody looks at {@code err}: it is a terminal
 */
record Shell(
        Function<String, @Nullable String> variables,
        Supplier<ReadableByteChannel> input,
        Supplier<WritableByteChannel> output,
        PrintWriter out,
        PrintWriter err,
        BooleanSupplier watched) {

    /** That of this process. */
    static Shell system() {
        return new Shell(
                System::getenv,
                StandardStreams::input,
                () -> new StandardOutput(StandardStreams.output()),
                new PrintWriter(System.out, true, System.out.charset()),
                new PrintWriter(System.err, true, System.err.charset()),
                Terminal::isStandardError);
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
     */
    Path folder(String variable, String fallback) {
        String base = variable(variable);
        if (base != null && base.startsWith("/")) {
            return FileNames.path(base).resolve("forebay");
        }
        String home = System.getProperty("user.home", "?");
        if (!home.startsWith("/")) {
            throw new IllegalArgumentException(
                    "the home directory is not known; set HOME or " + variable);
        }
        return FileNames.path(home).resolve(fallback).resolve("forebay");
    }

    /** Tells how a transfer goes that begins now. */
    Progress progress() {
        return new Progress(err, watched.getAsBoolean(), Clock.system());
    }
}
