package dev.forebay.control;

import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.RunBody;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds a run that has succeeded and did what another one would do.
 *
 * <p><b>Guarantee.</b> Its codespec means the same, its image or executable was the same from its
 * start to its end as it is now, its inputs hold the same bytes, and all its outputs are there,
 * complete. Where one of these is not known, no run is found.
 *
 * <p><b>Limit.</b> What a program reads beyond its inputs is not looked at: files, the network, the
 * time. Of two requests at once that find none, both are executed. Runs whose inputs were not asked
 * for before are compared as far as they are among the last {@link #MOST} of the same program.
 *
 * <p>Safe for use by many threads; blocks as {@link BufferDigests} does.
 */
final class RunAnswers {
    private static final int MOST = 256;

    private final Runs runs;
    private final Buffers buffers;
    private final BufferDigests digests;

    RunAnswers(Runs runs, Buffers buffers, BufferDigests digests) {
        this.runs = runs;
        this.buffers = buffers;
        this.digests = digests;
    }

    /**
     * The latest one.
     *
     * @param content what is asked for, with the codespec in the place of its name
     * @param executed the digest of the image or executable
     */
    Optional<Run> find(RunBody content, String executed) {
        CodespecBody codespec = Runs.codespec(content);
        Map<String, String> arguments = arguments(content);
        boolean outputsNamed =
                CodespecRules.outputs(codespec).stream().anyMatch(arguments::containsKey);
        Map<String, BufferDigests.Digest> inputs = new HashMap<>();
        for (String input : CodespecRules.inputs(codespec)) {
            Optional.ofNullable(arguments.get(input))
                    .flatMap(digests::of)
                    .ifPresent(digest -> inputs.put(input, digest));
        }
        if (outputsNamed
                || content.worker() != null
                || inputs.size() < CodespecRules.inputs(codespec).size()) {
            return Optional.empty();
        }
        String program = RunKey.program(codespec, executed);
        runs.withUnknownInputs(program, MOST).forEach(run -> compare(run, inputs));
        return runs.answers(program, key(inputs), MOST).stream()
                .filter(this::hasOutputs)
                .findFirst();
    }

    private static Map<String, String> arguments(RunBody content) {
        return RunOrders.arguments(Runs.codespec(content), Objects.requireNonNull(content.job()));
    }

    private static String key(Map<String, BufferDigests.Digest> inputs) {
        Map<String, String> texts = new HashMap<>();
        inputs.forEach((name, digest) -> texts.put(name, digest.sha256()));
        return RunKey.inputs(texts);
    }

    /** Reads the inputs of a run that may hold the same bytes as {@code wanted}. */
    private void compare(Run run, Map<String, BufferDigests.Digest> wanted) {
        Map<String, BufferDigests.Digest> found = new HashMap<>();
        Map<String, String> arguments = arguments(run.content());
        for (Map.Entry<String, BufferDigests.Digest> each : wanted.entrySet()) {
            Optional<BufferDigests.Digest> digest =
                    Optional.ofNullable(arguments.get(each.getKey()))
                            .flatMap(id -> digests.ofSize(id, each.getValue().size()));
            if (digest.isEmpty()) {
                return;
            }
            found.put(each.getKey(), digest.get());
        }
        runs.setInputs(run.id(), key(found));
    }

    private boolean hasOutputs(Run run) {
        Map<String, String> arguments = arguments(run.content());
        List<String> outputs = CodespecRules.outputs(Runs.codespec(run.content()));
        return outputs.stream()
                .allMatch(output -> {
                    String id = Objects.requireNonNull(arguments.get(output));
                    return buffers.isUsable(id) && digests.isComplete(id);
                });
    }
}
