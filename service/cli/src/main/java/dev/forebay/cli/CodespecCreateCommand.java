package dev.forebay.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a version of a codespec, unless the latest one has the same content. */
@Command(
        name = "create",
        description =
                "Create a version of a codespec and print its number; the same content keeps its version.",
        footerHeading = "%nExample:%n",
        footer =
                "  forebay codespec create upper --image busybox -i in -o out --command -- sh -c 'tr a-z A-Z < $$(IN_PIPE) > $$(OUT_PIPE)'",
        mixinStandardHelpOptions = true)
final class CodespecCreateCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "NAME",
            description = "Its name: lower case letters, digits, '-', '_' and '.'.")
    private String name;

    @Parameters(
            index = "1..*",
            paramLabel = "ARG",
            description =
                    "After '--': arguments for the image, or with --command what it executes.")
    private List<String> words = new ArrayList<>();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A file of YAML with the codespec; other options take precedence.")
    private Path file;

    @Option(names = "--image", paramLabel = "IMAGE", description = "The container image.")
    private String image;

    @Option(
            names = {"-k", "--kind"},
            paramLabel = "KIND",
            description = "job or worker; default: job.")
    private String kind;

    @Option(
            names = {"-r", "--max-replicas"},
            paramLabel = "N",
            description = "The most replicas of it in a run.")
    private Integer maxReplicas;

    @Option(
            names = {"-i", "--input"},
            paramLabel = "NAME",
            split = ",",
            description = "A buffer that it reads; repeat for more.")
    private List<String> inputs = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "NAME",
            split = ",",
            description = "A buffer that it writes; repeat for more.")
    private List<String> outputs = new ArrayList<>();

    @Option(
            names = {"-e", "--env"},
            paramLabel = "K=V",
            description = "A variable of its environment; repeat for more.")
    private Map<String, String> env = new LinkedHashMap<>();

    @Option(
            names = "--endpoint",
            paramLabel = "NAME=PORT",
            description = "A port of a worker; repeat for more.")
    private Map<String, Integer> endpoints = new LinkedHashMap<>();

    @Option(names = "--identity", paramLabel = "NAME", description = "Whose rights it has.")
    private String identity;

    @Option(names = "--cpu-request", paramLabel = "N", description = "Processors set aside for it.")
    private String cpuRequest;

    @Option(names = "--memory-request", paramLabel = "N", description = "Memory set aside for it.")
    private String memoryRequest;

    @Option(names = "--cpu-limit", paramLabel = "N", description = "The most processors.")
    private String cpuLimit;

    @Option(names = "--memory-limit", paramLabel = "N", description = "The most memory.")
    private String memoryLimit;

    @Option(names = "--gpu", paramLabel = "N", description = "How many GPUs it needs.")
    private String gpu;

    @Option(names = "--shm", paramLabel = "N", description = "The size of /dev/shm.")
    private String shm;

    @Option(
            names = "--command",
            description = "What follows '--' is the command, not the arguments of the image.")
    private boolean command;

    @Override
    public Integer call() throws IOException {
        Map<String, Object> codespec =
                file == null ? new LinkedHashMap<>() : YamlFile.read(YamlFile.Kind.CODESPEC, file);
        SpecFields.put(codespec, "kind", kind);
        codespec.putIfAbsent("kind", "job");
        SpecFields.put(codespec, "image", image);
        SpecFields.put(codespec, "maxReplicas", maxReplicas);
        SpecFields.put(codespec, "identity", identity);
        SpecFields.put(codespec, command ? "command" : "args", words.isEmpty() ? null : words);
        SpecFields.putAll(codespec, "env", env);
        SpecFields.putAll(codespec, "endpoints", endpoints);
        Map<String, Object> buffers = SpecFields.object(codespec, "buffers");
        SpecFields.put(buffers, "inputs", inputs.isEmpty() ? null : inputs);
        SpecFields.put(buffers, "outputs", outputs.isEmpty() ? null : outputs);
        Map<String, Object> resources = SpecFields.object(codespec, "resources");
        SpecFields.put(resources, "gpu", gpu);
        SpecFields.put(resources, "shm", shm);
        SpecFields.put(SpecFields.object(resources, "requests"), "cpu", cpuRequest);
        SpecFields.put(SpecFields.object(resources, "requests"), "memory", memoryRequest);
        SpecFields.put(SpecFields.object(resources, "limits"), "cpu", cpuLimit);
        SpecFields.put(SpecFields.object(resources, "limits"), "memory", memoryLimit);
        Shell.of(spec).out().println(session.client().codespecs().create(name, codespec).version());
        return 0;
    }
}
