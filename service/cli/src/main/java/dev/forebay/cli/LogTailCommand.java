package dev.forebay.cli;

import dev.forebay.datalog.DownloadFilter;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Prints entries as they come, each once: the server gives a position with them, from which the
 * next question goes on, also after the server was started again.
 */
@Command(
        name = "tail",
        description = {
            "Print entries of a running server as they come, in JSON, one a line, until Ctrl-C.",
            "Without --from it begins with what comes next. Signals are left out."
        },
        footerHeading = "%nExample:%n",
        footer = "  forebay log tail --user operator --password-file p --type bosdyn.api.Event",
        mixinStandardHelpOptions = true)
final class LogTailCommand implements Callable<Integer> {
    @Mixin private LogPlace place;
    @Mixin private LogSelection selection;
    @Spec private CommandSpec spec;

    @Option(
            names = "--interval",
            paramLabel = "D",
            converter = OptionValues.Time.class,
            description = "How long to wait when nothing is new, such as 200ms; default: 1s.")
    private Duration interval = Duration.ofSeconds(1);

    @Option(names = "--count", paramLabel = "N", description = "End after N entries.")
    private Long count;

    private long printed;
    private boolean waiting;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (place.isDirectory()) {
            throw new IllegalArgumentException(
                    "entries come to a running server; give --server instead of --data, or use 'forebay log query'");
        }
        if (count != null && count < 1) {
            throw new IllegalArgumentException("--count must be 1 or more, not " + count);
        }
        DownloadFilter filter = selection.filter();
        LogClient client = place.client();
        String position = selection.hasBeginning() ? "0" : position(answer(client, "tail"));
        String query = LogSelection.query(filter);
        while ((count == null || printed < count) && !Shell.of(spec).outputFailed()) {
            Map<?, ?> answer =
                    patiently(
                            client,
                            "tail"
                                    + query
                                    + (query.isEmpty() ? "?" : "&")
                                    + "position="
                                    + position);
            if (answer != null) {
                position = position(answer);
                print(entries(answer));
            }
            if (answer == null || entries(answer).isEmpty()) {
                TimeUnit.NANOSECONDS.sleep(interval.toNanos());
            }
        }
        return 0;
    }

    private static Map<?, ?> answer(LogClient client, String path) throws IOException {
        if (client.get(path) instanceof Map<?, ?> answer
                && answer.get("entries") instanceof List<?>
                && answer.get("position") instanceof String) {
            return answer;
        }
        throw new IOException("the server gave no position; is it older than this program?");
    }

    private static List<?> entries(Map<?, ?> answer) {
        return answer.get("entries") instanceof List<?> entries ? entries : List.of();
    }

    private static String position(Map<?, ?> answer) {
        return String.valueOf(answer.get("position"));
    }

    /** Null while the server does not answer; it is told once. */
    private @Nullable Map<?, ?> patiently(LogClient client, String path) throws IOException {
        try {
            Map<?, ?> answer = answer(client, path);
            waiting = false;
            return answer;
        } catch (LogClient.SilentServerException e) {
            if (!waiting) {
                waiting = true;
                Shell.of(spec).err().println("Warning: " + e.getMessage() + "; waiting for it");
            }
            return null;
        }
    }

    private void print(List<?> entries) {
        PrintWriter out = Shell.of(spec).out();
        for (Object entry : entries) {
            if (count == null || printed < count) {
                out.println(new String(PlainJson.write(entry), StandardCharsets.UTF_8));
                printed++;
            }
        }
        out.flush();
    }
}
