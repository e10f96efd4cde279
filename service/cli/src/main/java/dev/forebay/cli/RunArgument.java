package dev.forebay.cli;

import dev.forebay.client.ControlPlaneException;
import dev.forebay.client.RemoteRuns;
import java.io.IOException;
import java.util.function.BiFunction;
import picocli.CommandLine.Parameters;

/** The run that a command is about. */
final class RunArgument {
    @Parameters(paramLabel = "ID", description = "The run.")
    private long id;

    long id() {
        return id;
    }

    /** Asks the session's server about the run; adds to a refusal what to do next. */
    <T> T ask(Session session, BiFunction<RemoteRuns, Long, T> question) throws IOException {
        try {
            return question.apply(session.client().runs(), id);
        } catch (ControlPlaneException e) {
            if (e.isNotFound()) {
                throw new IOException(
                        "the run %d was not found; 'forebay run list' shows those there are"
                                .formatted(id),
                        e);
            }
            if (e.isWrongState()) {
                throw new IOException(
                        "%s; 'forebay run show %d' prints the current eTag"
                                .formatted(e.getMessage(), id),
                        e);
            }
            throw e;
        }
    }
}
