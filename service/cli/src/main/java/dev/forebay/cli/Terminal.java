package dev.forebay.cli;

import java.io.Console;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * What the command line knows of terminals: whether standard error is one, how a line is written
 * anew on it, and how text of others is kept from commanding it.
 */
final class Terminal {
    /** Goes to the beginning of the line and wipes it. */
    static final String WIPE = "\r\033[K";

    private static final int STANDARD_ERROR = 2;

    private Terminal() {}

    /**
     * True if standard error is a terminal. The JDK tells only of standard input and output
     * together, so the system is asked; false where Java may not ask it.
     */
    static boolean isStandardError() {
        return isTerminal(STANDARD_ERROR);
    }

    /** True if standard output is a terminal. */
    static boolean isStandardOutput() {
        return isTerminal(1);
    }

    /** True if standard input, output or error is a terminal. */
    static boolean isAny() {
        return isTerminal(0) || isTerminal(1) || isTerminal(STANDARD_ERROR);
    }

    private static boolean isTerminal(int descriptor) {
        if (!Terminal.class.getModule().isNativeAccessEnabled()) {
            return false;
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle isatty =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("isatty"),
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            return (int) isatty.invokeExact(descriptor) == 1;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }

    /** The answer of the user at the terminal; empty if there is none, or its input has ended. */
    static Optional<String> ask(String question) {
        // The console of this Java is null where there is no terminal, that of others says so.
        return Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .map(console -> console.readLine("%s", question));
    }

    /**
     * A writer that puts an escape such as {@code \}{@code u001b} in place of each control
     * character but tab and newline, so that no text from outside commands the terminal. JSON keeps
     * its meaning.
     */
    static PrintWriter printable(Writer to) {
        return new PrintWriter(new Printable(to), true);
    }

    private static final class Printable extends FilterWriter {
        Printable(Writer to) {
            super(to);
        }

        @Override
        public void write(int character) throws IOException {
            char c = (char) character;
            if (Character.isISOControl(c) && c != '\n' && c != '\t') {
                out.write("\\u%04x".formatted((int) c));
            } else {
                out.write(c);
            }
        }

        @Override
        public void write(char[] text, int from, int length) throws IOException {
            write(new String(text, from, length), 0, length);
        }

        @Override
        public void write(String text, int from, int length) throws IOException {
            boolean clean =
                    text.chars().skip(from).limit(length).noneMatch(Character::isISOControl);
            if (clean) {
                out.write(text, from, length);
                return;
            }
            for (int i = from; i < from + length; i++) {
                write(text.charAt(i));
            }
        }
    }
}
