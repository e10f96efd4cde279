package dev.forebay.cli;

import dev.forebay.client.ForebayClient;
import dev.forebay.client.RunInfo;
import dev.forebay.wire.Ttl;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What is to be executed: a file of YAML, and options, which beat it. */
final class RunOptions {
    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A file of YAML with the run; other options take precedence.")
    private Path file;

    @Option(
            names = {"-c", "--codespec"},
            paramLabel = "NAME",
            converter = RunFilters.Codespec.class,
            description = "The codespec of the job.")
    private String codespec;

    @Option(
            names = "--version",
            paramLabel = "N",
            converter = OptionValues.Count.class,
            description = "Its version; default: the latest.")
    private Integer version;

    @Option(
            names = {"-r", "--replicas"},
            paramLabel = "N",
            converter = OptionValues.Count.class,
            description = "How many replicas of the job; default: 1.")
    private Integer replicas;

    @Option(names = "--node-pool", paramLabel = "NAME", description = "Where the job executes.")
    private String nodePool;

    @Option(
            names = {"-b", "--buffer"},
            paramLabel = "P=ID",
            split = ",",
            description =
                    "The buffer of a parameter; repeat for more. Those that are missing are created; with _ the bytes are not stored.")
    private Map<String, String> buffers = new LinkedHashMap<>();

    @Option(
            names = "--buffer-tag",
            paramLabel = "K=V",
            split = ",",
            converter = Tag.Converter.class,
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "A tag of the buffers that are created; repeat for more.")
    private List<Tag> bufferTags = new ArrayList<>();

    @Option(
            names = "--buffer-ttl",
            paramLabel = "TIME",
            converter = OptionValues.Lifetime.class,
            description = "How long these live, such as 30d or 7.12:30.")
    private Duration bufferTtl;

    @Option(
            names = "--worker-codespec",
            paramLabel = "NAME",
            converter = RunFilters.Codespec.class,
            description = "The codespec of the workers.")
    private String workerCodespec;

    @Option(
            names = "--worker-version",
            paramLabel = "N",
            converter = OptionValues.Count.class,
            description = "Its version; default: the latest.")
    private Integer workerVersion;

    @Option(
            names = "--worker-replicas",
            paramLabel = "N",
            converter = OptionValues.Count.class,
            description = "How many workers; default: 1.")
    private Integer workerReplicas;

    @Option(
            names = "--worker-node-pool",
            paramLabel = "NAME",
            description = "Where the workers execute.")
    private String workerNodePool;

    @Option(names = "--cluster", paramLabel = "NAME", description = "The cluster.")
    private String cluster;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = OptionValues.Seconds.class,
            description = "How long the program may run, such as 90m; default: 12h.")
    private Duration timeout;

    @Option(
            names = "--buffer-access-ttl",
            paramLabel = "TIME",
            converter = OptionValues.Lifetime.class,
            description =
                    "How long an access URL of a buffer of the run lives, 30 s to 1 h, before it is renewed; default: 1h.")
    private Duration bufferAccessTtl;

    @Option(
            names = "--tag",
            paramLabel = "K=V",
            split = ",",
            converter = Tag.Converter.class,
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "A tag of the run; repeat for more.")
    private List<Tag> tags = new ArrayList<>();

    @Option(
            names = "--reuse",
            description = {
                "Answer with a run that has succeeded, if one had the same codespec, image or executable, arguments and bytes of inputs, and its outputs are there.",
                "All inputs must be named and complete; else the run is executed. In a file: reuse: true."
            })
    private boolean reuse;

    /** Creates the run, or finds the one that answers for it. */
    RunInfo create(ForebayClient client, Map<String, Object> content) {
        Map<String, Object> fields = new LinkedHashMap<>(content);
        boolean inFile = isAsked(fields.remove("reuse"));
        String key = UUID.randomUUID().toString();
        return reuse || inFile
                ? client.runs().createOrReuse(fields, key)
                : client.runs().create(fields, key);
    }

    private static boolean isAsked(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case Boolean flag -> flag;
            default ->
                    throw new IllegalArgumentException(
                            "expected true or false as 'reuse' of the run file, found '%s'"
                                    .formatted(value));
        };
    }

    /** The fields of the wire format, and {@code reuse} if the file has it. */
    Map<String, Object> run() throws IOException {
        Map<String, Object> run =
                file == null ? new LinkedHashMap<>() : YamlFile.read(YamlFile.Kind.RUN, file);
        Map<String, Object> job = SpecFields.object(run, "job");
        putProgram(job, "job", codespec, version, replicas, nodePool);
        SpecFields.putAll(job, "buffers", buffers);
        SpecFields.putAll(job, "tags", Tag.map("--buffer-tag", bufferTags));
        SpecFields.put(job, "bufferTtl", bufferTtl == null ? null : Ttl.format(bufferTtl));
        if (run.get("worker") != null || workerCodespec != null) {
            putProgram(
                    SpecFields.object(run, "worker"),
                    "worker",
                    workerCodespec,
                    workerVersion,
                    workerReplicas,
                    workerNodePool);
        }
        SpecFields.put(run, "cluster", cluster);
        SpecFields.put(run, "timeoutSeconds", timeout == null ? null : timeout.toSeconds());
        SpecFields.put(
                run,
                "bufferAccessTtl",
                bufferAccessTtl == null ? null : Ttl.format(bufferAccessTtl));
        SpecFields.putAll(run, "tags", Tag.map("--tag", tags));
        if (job.get("codespec") == null) {
            throw new IllegalArgumentException(
                    "expected --codespec NAME, or --file with a job that has a codespec");
        }
        return run;
    }

    /** A codespec that is written out in the file need not say its kind. */
    private static void putProgram(
            Map<String, Object> target,
            String kind,
            @Nullable String name,
            @Nullable Integer version,
            @Nullable Integer replicas,
            @Nullable String nodePool) {
        if (name != null) {
            target.put("codespec", version == null ? name : name + "/versions/" + version);
        } else if (version != null) {
            throw new IllegalArgumentException("the version of a codespec needs its name");
        } else if (target.get("codespec") instanceof Map<?, ?>) {
            SpecFields.object(target, "codespec").putIfAbsent("kind", kind);
        }
        SpecFields.put(target, "replicas", replicas);
        SpecFields.put(target, "nodePool", nodePool);
    }
}
