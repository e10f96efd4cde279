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
        RemoteRuns runs = session.client().runs();
        try {
            return on(() -> question.apply(runs, id));
        } catch (InterruptedException e) {
            throw new AssertionError("a request is not interrupted", e);
        }
    }

    /** Something that is asked about the run, and may wait. */
    interface Question<T> {
        T ask() throws IOException, InterruptedException;
    }

    /** The answer; adds to a refusal what to do next. */
    <T> T on(Question<T> question) throws IOException, InterruptedException {
        try {
            return question.ask();
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
