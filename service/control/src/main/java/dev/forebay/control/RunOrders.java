package dev.forebay.control;

import dev.forebay.run.Parameter;
import dev.forebay.run.Program;
import dev.forebay.run.Resources;
import dev.forebay.run.RunOrder;
import dev.forebay.run.SocketPort;
import dev.forebay.wire.Quantity;
import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.CodespecReference;
import dev.forebay.wire.control.JobBody;
import dev.forebay.wire.control.ResourcesBody;
import dev.forebay.wire.control.RunBody;
import dev.forebay.wire.control.SocketBody;
import dev.forebay.wire.control.WorkerBody;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Makes what an executor is asked for from a run as it is stored. */
final class RunOrders {
    private RunOrders() {}

    /**
     * The order of a run whose codespecs are in the place of their names.
     *
     * @throws IllegalArgumentException if a parameter has no buffer, or no system can execute it;
     *     the message says what was found
     */
    static RunOrder of(long id, RunBody content) {
        JobBody job = Objects.requireNonNull(content.job());
        CodespecBody codespec = Runs.codespec(content);
        return new RunOrder(
                id,
                program(codespec),
                arguments(codespec, job),
                Duration.ofSeconds(Objects.requireNonNull(content.timeoutSeconds())),
                Objects.requireNonNull(job.replicas()),
                Optional.ofNullable(content.worker()).map(RunOrders::workers));
    }

    /** IDs of buffers by the names of parameters as the codespec writes them. */
    static Map<String, String> arguments(CodespecBody codespec, JobBody job) {
        Map<String, String> arguments = new HashMap<>();
        Map<String, String> given = job.buffers() == null ? Map.of() : job.buffers();
        for (String parameter : CodespecRules.parameters(codespec)) {
            given.forEach((name, id) -> {
                if (name.equalsIgnoreCase(parameter)) {
                    arguments.put(parameter, id);
                }
            });
        }
        return arguments;
    }

    /** The same with other buffers. */
    static RunBody withBuffers(RunBody content, Map<String, String> arguments) {
        JobBody job = Objects.requireNonNull(content.job());
        return new RunBody(
                content.id(),
                content.kind(),
                content.eTag(),
                content.status(),
                content.statusReason(),
                content.runningCount(),
                content.createdAt(),
                content.startedAt(),
                content.finishedAt(),
                new JobBody(
                        job.codespec(),
                        Map.copyOf(arguments),
                        job.tags(),
                        job.bufferTtl(),
                        job.nodePool(),
                        job.replicas()),
                content.worker(),
                content.timeoutSeconds(),
                content.cluster(),
                content.tags(),
                content.bufferAccessTtl());
    }

    private static RunOrder.Workers workers(WorkerBody worker) {
        CodespecReference codespec = Objects.requireNonNull(worker.codespec());
        return new RunOrder.Workers(
                program(Objects.requireNonNull(codespec.inline())),
                Objects.requireNonNull(worker.replicas()));
    }

    static Program program(CodespecBody codespec) {
        return new Program(
                Optional.ofNullable(codespec.image()),
                orNone(codespec.command()),
                orNone(codespec.args()),
                codespec.env() == null ? Map.of() : codespec.env(),
                Optional.ofNullable(codespec.workingDir()),
                parameters(codespec),
                codespec.sockets() == null
                        ? List.of()
                        : codespec.sockets().stream().map(RunOrders::socket).toList(),
                resources(codespec.resources()),
                Optional.ofNullable(codespec.identity()));
    }

    private static List<String> orNone(@Nullable List<String> words) {
        return words == null ? List.of() : words;
    }

    private static List<Parameter> parameters(CodespecBody codespec) {
        List<Parameter> parameters = new ArrayList<>();
        CodespecRules.inputs(codespec).forEach(name -> parameters.add(Parameter.input(name)));
        CodespecRules.outputs(codespec).forEach(name -> parameters.add(Parameter.output(name)));
        return parameters;
    }

    private static SocketPort socket(SocketBody socket) {
        return new SocketPort(
                Objects.requireNonNull(socket.port()),
                Optional.ofNullable(socket.inputBuffer()),
                Optional.ofNullable(socket.outputBuffer()));
    }

    private static Resources resources(@Nullable ResourcesBody body) {
        if (body == null) {
            return Resources.UNSPECIFIED;
        }
        ResourcesBody.Share requests = body.requests();
        ResourcesBody.Share limits = body.limits();
        return new Resources(
                requests == null ? OptionalLong.empty() : whole(requests.memory(), 0),
                requests == null ? OptionalLong.empty() : whole(requests.cpu(), 3),
                limits == null ? OptionalLong.empty() : whole(limits.memory(), 0),
                limits == null ? OptionalLong.empty() : whole(limits.cpu(), 3),
                whole(body.gpu(), 0),
                whole(body.shm(), 0));
    }

    /** The amount in units of 10 to the power of -{@code digits}, rounded up. */
    private static OptionalLong whole(@Nullable Quantity quantity, int digits) {
        if (quantity == null) {
            return OptionalLong.empty();
        }
        BigDecimal units =
                quantity.value().scaleByPowerOfTen(digits).setScale(0, RoundingMode.CEILING);
        try {
            return OptionalLong.of(units.longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "expected a quantity below 2^63, found " + quantity, e);
        }
    }
}
