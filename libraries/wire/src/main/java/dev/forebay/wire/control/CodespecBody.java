package dev.forebay.wire.control;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to execute; source: section 2.10 of the reference's protocol, whose clients refuse any other
 * field. Empty texts, lists, maps and objects count as absent.
 *
 * <p><b>Limit.</b> A record may hold anything that has these types; whether it makes sense is for
 * the catalogue to say.
 *
 * @param kind {@code job} or {@code worker}
 * @param name that of the path, if it is given
 * @param version from 1; ignored on input, as {@code createdAt} is
 * @param createdAt when this version was created
 * @param image of the container
 * @param command the program and its first arguments
 * @param args further arguments
 * @param workingDir where the program begins
 * @param env its variables by their names
 * @param buffers of a job only, as {@code sockets}
 * @param endpoints of a worker only: ports by name
 * @param identity under which it runs where the cluster has identities
 * @param resources what it may use, and what is reserved for it
 * @param maxReplicas how many workers there may be
 * @param sockets ports that it listens on
 */
public record CodespecBody(
        @Nullable String kind,
        @Nullable String name,
        @Nullable Integer version,
        @Nullable Instant createdAt,
        @Nullable String image,
        @Nullable List<String> command,
        @Nullable List<String> args,
        @Nullable String workingDir,
        @Nullable Map<String, String> env,
        @Nullable String identity,
        @Nullable ResourcesBody resources,
        @Nullable Integer maxReplicas,
        @Nullable BufferParametersBody buffers,
        @Nullable List<SocketBody> sockets,
        @Nullable Map<String, Integer> endpoints) {
    public static final String JOB = "job";
    public static final String WORKER = "worker";

    /** Copies lists and maps; empty ones count as absent. */
    public CodespecBody {
        kind = Absent.ifEmpty(kind);
        name = Absent.ifEmpty(name);
        image = Absent.ifEmpty(image);
        command = Absent.ifEmpty(command);
        args = Absent.ifEmpty(args);
        workingDir = Absent.ifEmpty(workingDir);
        env = Absent.ifEmpty(env);
        identity = Absent.ifEmpty(identity);
        resources = resources == null || resources.isEmpty() ? null : resources;
        buffers = buffers == null || buffers.isEmpty() ? null : buffers;
        sockets = Absent.ifEmpty(sockets);
        endpoints = Absent.ifEmpty(endpoints);
    }

    /**
     * The same content as a version of a name; null for what the content does not have.
     *
     * @param newName of the codespec
     * @param newVersion its number
     * @param newTime when it was created
     * @return that version
     */
    public CodespecBody as(
            @Nullable String newName, @Nullable Integer newVersion, @Nullable Instant newTime) {
        return new CodespecBody(
                kind,
                newName,
                newVersion,
                newTime,
                image,
                command,
                args,
                workingDir,
                env,
                identity,
                resources,
                maxReplicas,
                buffers,
                sockets,
                endpoints);
    }

    /**
     * True if both mean the same: name, version and time do not count, nor the order of variables,
     * endpoints and buffers, and quantities are compared by value.
     *
     * @param other a codespec
     * @return true if they do
     */
    public boolean hasContentOf(CodespecBody other) {
        CodespecBody one = as(null, null, null).withoutBuffers();
        CodespecBody two = other.as(null, null, null).withoutBuffers();
        return one.equals(two)
                && inputs().equals(other.inputs())
                && outputs().equals(other.outputs());
    }

    private CodespecBody withoutBuffers() {
        return new CodespecBody(
                kind,
                name,
                version,
                createdAt,
                image,
                command,
                args,
                workingDir,
                env,
                identity,
                resources,
                maxReplicas,
                null,
                sockets,
                endpoints);
    }

    private Set<String> inputs() {
        return buffers == null || buffers.inputs() == null
                ? Set.of()
                : new HashSet<>(buffers.inputs());
    }

    private Set<String> outputs() {
        return buffers == null || buffers.outputs() == null
                ? Set.of()
                : new HashSet<>(buffers.outputs());
    }
}
