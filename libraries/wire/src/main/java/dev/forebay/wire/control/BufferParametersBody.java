package dev.forebay.wire.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that a job reads and writes, by the names of its parameters.
 *
 * @param inputs those that it reads; absent: none
 * @param outputs those that it writes; absent: none
 */
public record BufferParametersBody(@Nullable List<String> inputs, @Nullable List<String> outputs) {
    /** Copies the lists; empty ones count as absent. */
    public BufferParametersBody {
        inputs = Absent.ifEmpty(inputs);
        outputs = Absent.ifEmpty(outputs);
    }

    boolean isEmpty() {
        return inputs == null && outputs == null;
    }
}
