package dev.forebay.run.oci;

import dev.forebay.run.Invocation;
import dev.forebay.run.Resources;
import dev.forebay.run.RunOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The container of a run, as the engine is asked for it.
 *
 * <p><b>Guarantee.</b> No capability, no way to new privileges, a user that is named by number, no
 * network unless the settings name one, a root that cannot be written to, and bounds on memory,
 * processes and the log that the engine keeps. Of the machine's files the program sees its pipes
 * only.
 *
 * @param server the identity of the server whose run it is
 */
record ContainerPlan(OciSettings settings, String server) {
    /** The label with the server's identity. */
    static final String SERVER = "dev.forebay.server";

    /** The label with the number of the run. */
    static final String RUN = "dev.forebay.run";

    /** Where the program finds its pipes. */
    private static final String PIPES = "/run/forebay";

    private static final long NANOS_A_MILLICORE = 1_000_000;

    /** The engine writes up to three bytes for one that a log counts. */
    private static final long LOG_FACTOR = 3;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** The path at which the program finds a pipe. */
    static String inside(String pipe) {
        return PIPES + "/" + Path.of(pipe).getFileName();
    }

    /** Its name at the engine; another container of that name cannot be made. */
    String name(long run) {
        return "forebay-%s-%d".formatted(server, run);
    }

    /**
     * @param pipes the directory of the pipes on this machine
     */
    ObjectNode of(RunOrder order, Invocation invocation, Path pipes) {
        ObjectNode container = JSON.objectNode();
        container.put("Image", order.program().image().orElseThrow());
        if (!invocation.command().isEmpty()) {
            container.set("Entrypoint", texts(invocation.command()));
        }
        if (!invocation.command().isEmpty() || !invocation.args().isEmpty()) {
            container.set("Cmd", texts(invocation.args()));
        }
        container.set(
                "Env",
                texts(
                        new TreeMap<>(invocation.env())
                                .entrySet().stream()
                                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                                        .toList()));
        order.program().workingDirectory().ifPresent(path -> container.put("WorkingDir", path));
        container.put("User", settings.user());
        container.put("AttachStdout", true).put("AttachStderr", true);
        container.putObject("Labels").put(SERVER, server).put(RUN, Long.toString(order.run()));
        container.set("HostConfig", host(order.program().resources(), pipes));
        return container;
    }

    private ObjectNode host(Resources resources, Path pipes) {
        ObjectNode host = JSON.objectNode();
        host.set("CapDrop", texts(List.of("ALL")));
        host.set("SecurityOpt", texts(List.of("no-new-privileges")));
        host.put("Privileged", false).put("ReadonlyRootfs", true).put("Init", true);
        host.put("NetworkMode", settings.network());
        long memory = memory(resources);
        host.put("Memory", memory).put("MemorySwap", memory);
        host.put("PidsLimit", settings.processes());
        resources
                .millicoreLimit()
                .ifPresent(cores -> host.put("NanoCpus", cores * NANOS_A_MILLICORE));
        resources.sharedMemory().ifPresent(bytes -> host.put("ShmSize", bytes));
        host.putObject("Tmpfs").put("/tmp", "rw,size=" + memory);
        host.putObject("RestartPolicy").put("Name", "no");
        host.putObject("LogConfig")
                .put("Type", "json-file")
                .putObject("Config")
                .put("max-size", Long.toString(settings.host().log().most().bytes() * LOG_FACTOR));
        host.putArray("Mounts")
                .addObject()
                .put("Type", "bind")
                .put("Source", pipes.toString())
                .put("Target", PIPES)
                .put("ReadOnly", true);
        return host;
    }

    /** The limit on memory: the program's own, else the usual one, or what the program asks for. */
    long memory(Resources resources) {
        return resources
                .memoryLimit()
                .orElse(Math.max(settings.memory().bytes(), resources.requestedMemory().orElse(0)));
    }

    private static ArrayNode texts(List<String> texts) {
        ArrayNode array = JSON.arrayNode();
        texts.forEach(array::add);
        return array;
    }
}
