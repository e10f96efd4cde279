package dev.forebay.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** How a line of words ended that needs no server, no input and no binary output. */
record Said(int code, String out, String err) {
    static Said by(ToIntFunction<Shell> line) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Shell shell =
                new Shell(
                        _ -> null,
                        () -> {
                            throw new AssertionError("nothing is read");
                        },
                        () -> {
                            throw new AssertionError("nothing is written");
                        },
                        new PrintWriter(out, true),
                        new PrintWriter(err, true),
                        () -> false,
                        _ -> Optional.empty());
        int code = line.applyAsInt(shell);
        return new Said(code, out.toString(), err.toString());
    }
}
