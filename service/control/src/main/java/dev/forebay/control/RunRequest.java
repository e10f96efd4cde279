package dev.forebay.control;

import dev.forebay.control.ControlException.Kind;
import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.CodespecReference;
import dev.forebay.wire.control.JobBody;
import dev.forebay.wire.control.RunBody;
import dev.forebay.wire.control.WorkerBody;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks what a client asks to be executed, with the messages of the reference, and puts the
 * codespecs in the place of their names; source: section 2.11 of its protocol. The first rule that
 * is broken is reported.
 */
final class RunRequest {
    private static final int DEFAULT_TIMEOUT_SECONDS = 12 * 60 * 60;
    private static final Duration DEFAULT_ACCESS = Duration.ofHours(1);

    /** In the place of a buffer: an ephemeral one. */
    static final String NOT_STORED = "_";

    private final Codespecs codespecs;
    private final Buffers buffers;

    RunRequest(Codespecs codespecs, Buffers buffers) {
        this.codespecs = codespecs;
        this.buffers = buffers;
    }

    /** What is stored of the request: what the client may decide, with its defaults. */
    RunBody resolved(RunBody asked) {
        if (asked.kind() != null && !asked.kind().equals("user")) {
            throw invalid(
                    asked.kind().equals("system")
                            ? "System runs cannot be created directly"
                            : "Invalid value for the property 'kind': expected 'user'");
        }
        JobBody job = asked.job();
        if (job == null) {
            throw invalid("The run was missing required properties including: 'job'.");
        }
        Tags.check(plain(asked.tags()));
        Tags.check(plain(job.tags()));
        requirePositive("timeoutSeconds", asked.timeoutSeconds());
        requirePositive("replicas", job.replicas());
        Duration access =
                asked.bufferAccessTtl() == null ? DEFAULT_ACCESS : asked.bufferAccessTtl();
        try {
            AccessSigner.checkLifetime(access);
        } catch (IllegalArgumentException e) {
            throw new ControlException(Kind.INVALID, String.valueOf(e.getMessage()), e);
        }
        CodespecBody codespec = resolved("job", job.codespec(), CodespecBody.JOB);
        checkBuffers(plain(job.buffers()), codespec);
        return new RunBody(
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                new JobBody(
                        CodespecReference.of(codespec),
                        job.buffers(),
                        job.tags(),
                        job.bufferTtl(),
                        job.nodePool(),
                        job.replicas() == null ? 1 : job.replicas()),
                asked.worker() == null ? null : resolved(asked.worker()),
                asked.timeoutSeconds() == null ? DEFAULT_TIMEOUT_SECONDS : asked.timeoutSeconds(),
                asked.cluster(),
                null,
                access);
    }

    private WorkerBody resolved(WorkerBody worker) {
        requirePositive("replicas", worker.replicas());
        return new WorkerBody(
                CodespecReference.of(resolved("worker", worker.codespec(), CodespecBody.WORKER)),
                worker.nodePool(),
                worker.replicas() == null ? 1 : worker.replicas());
    }

    private CodespecBody resolved(String target, @Nullable CodespecReference asked, String kind) {
        if (asked == null) {
            throw invalid(
                    "The %s was missing required properties including: 'codespec'."
                            .formatted(target));
        }
        CodespecBody codespec =
                asked.inline() == null
                        ? find(String.valueOf(asked.name()))
                        : asked.inline().as(null, null, null);
        CodespecRules.check(codespec);
        if (!kind.equals(codespec.kind())) {
            throw invalid(
                    "The codespec of the %s is of kind '%s'; expected one of kind '%s'"
                            .formatted(target, codespec.kind(), kind));
        }
        return codespec;
    }

    private CodespecBody find(String reference) {
        if (!RunReference.isReference(reference)) {
            throw invalid(
                    "The codespec reference '%s' is not valid; expected 'NAME' or 'NAME/versions/N'"
                            .formatted(reference));
        }
        String name = RunReference.name(reference);
        try {
            return RunReference.isVersioned(reference)
                    ? codespecs.get(name, RunReference.version(reference))
                    : codespecs.get(name);
        } catch (ControlException e) {
            throw e.kind() == Kind.NOT_FOUND
                    ? new ControlException(Kind.INVALID, String.valueOf(e.getMessage()), e)
                    : e;
        }
    }

    private void checkBuffers(Map<String, String> arguments, CodespecBody codespec) {
        List<String> parameters = CodespecRules.parameters(codespec);
        arguments.forEach((name, id) -> {
            if (parameters.stream().noneMatch(name::equalsIgnoreCase)) {
                throw invalid(
                        "Buffer argument '[%s, %s]' does not correspond to a buffer parameter on the codespec; it has %s"
                                .formatted(name, id, parameters));
            }
            if (!id.equals(NOT_STORED) && !buffers.isUsable(id)) {
                throw invalid("The buffer '%s' was not found".formatted(id));
            }
        });
    }

    private static void requirePositive(String property, @Nullable Integer value) {
        if (value != null && value < 1) {
            throw invalid("'%s' must be at least 1, found %d".formatted(property, value));
        }
    }

    /** JSON may name an entry and give it null. */
    private static Map<String, String> plain(@Nullable Map<String, @Nullable String> entries) {
        if (entries == null) {
            return Map.of();
        }
        entries.forEach((key, value) -> {
            if (value == null) {
                throw invalid("expected a text as the value of '%s', found null".formatted(key));
            }
        });
        return Map.copyOf(entries);
    }

    private static ControlException invalid(String message) {
        return new ControlException(Kind.INVALID, message);
    }
}
