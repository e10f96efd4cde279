package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.client.ForebayClient;
import dev.forebay.client.RunInfo;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Creates a run and waits for its end. Its {@code --version} is that of the codespec. */
@Command(
        name = "exec",
        description = {
            "Create a run, stream standard input and output through it, and wait for its end.",
            "Standard input is written to the one input without a buffer, and the one such output is read."
        },
        footerHeading = "%nExample:%n",
        footer = "  acquire | forebay run exec --codespec denoise --logs | reconstruct",
        showDefaultValues = true)
final class RunExecCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Mixin private RunOptions options;
    @Spec private CommandSpec spec;

    /** In the place of a buffer: one that is not stored. */
    private static final String EPHEMERAL = "_";

    /** How long the first byte of a block waits for more: the program is to see it soon. */
    private static final Duration FLUSH = Duration.ofMillis(40);

    @Option(names = "--logs", description = "Print the log to standard error.")
    private boolean logs;

    @Option(names = "--timestamps", description = "With --logs: begin each line with its time.")
    private boolean timestamps;

    @Option(
            names = "--block-size",
            paramLabel = "SIZE",
            converter = OptionValues.Size.class,
            description = "Bytes after which a block of the input is closed.")
    private ByteSize blockSize = WriteOptions.defaults().blockSize();

    @Option(names = "--write-dop", paramLabel = "N", description = "Uploads at a time.")
    private int writeDop = WriteOptions.defaults().dop();

    @Option(names = "--read-dop", paramLabel = "N", description = "Downloads at a time.")
    private int readDop = ReadOptions.defaults().dop();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    @SuppressWarnings("UnusedVariable") // The parser reads it.
    private boolean help;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Shell shell = Shell.of(spec);
        WriteOptions writing =
                WriteOptions.defaults()
                        .withBlockSize(blockSize)
                        .withDop(writeDop)
                        .withFlushInterval(FLUSH);
        ReadOptions reading = ReadOptions.defaults().withDop(readDop);
        Map<String, Object> content = options.run();
        ForebayClient client = session.client();
        Map<String, Object> codespec = codespec(client, content);
        Optional<String> input = unmapped(codespec, content, "input");
        Optional<String> output = unmapped(codespec, content, "output");
        RunInfo run = options.create(client, content);
        try (RunExecution execution = new RunExecution(client, run, shell)) {
            input.ifPresent(name -> execution.write(name, writing));
            output.ifPresent(name -> execution.read(name, reading));
            if (logs) {
                execution.log(timestamps);
            }
            execution.await();
        }
        return 0;
    }

    /** The codespec of the job, as it is written out or as its name says. */
    private static Map<String, Object> codespec(ForebayClient client, Map<String, Object> content)
            throws IOException {
        Map<String, Object> job = SpecFields.object(content, "job");
        if (job.get("codespec") instanceof Map<?, ?>) {
            return SpecFields.object(job, "codespec");
        }
        String reference = String.valueOf(job.get("codespec"));
        String[] parts = reference.split("/versions/", 2);
        return CodespecHints.on(
                reference,
                () ->
                        (parts.length == 1
                                        ? client.codespecs().get(parts[0])
                                        : client.codespecs()
                                                .get(parts[0], Integer.parseInt(parts[1])))
                                .json());
    }

    /** The one parameter of its kind that has no buffer, or an ephemeral one. */
    private static Optional<String> unmapped(
            Map<String, Object> codespec, Map<String, Object> content, String kind) {
        List<String> mapped = new ArrayList<>();
        SpecFields.object(SpecFields.object(content, "job"), "buffers")
                .forEach((name, id) -> {
                    if (!EPHEMERAL.equals(id)) {
                        mapped.add(name.toLowerCase(Locale.ROOT));
                    }
                });
        List<String> found = new ArrayList<>();
        if (codespec.get("buffers") instanceof Map<?, ?> buffers
                && buffers.get(kind + "s") instanceof List<?> names) {
            names.forEach(name -> {
                if (!mapped.contains(String.valueOf(name).toLowerCase(Locale.ROOT))) {
                    found.add(String.valueOf(name));
                }
            });
        }
        if (found.size() > 1) {
            throw new IllegalArgumentException(
                    "exec cannot be called if the job has multiple unmapped %s buffers, here %s; name the buffers of all but one with --buffer"
                            .formatted(kind, String.join(" and ", found)));
        }
        return found.stream().findFirst();
    }
}
