package dev.forebay.wire.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The buffers that a job reads and writes, by the names of its parameters. */
public record BufferParametersBody(@Nullable List<String> inputs, @Nullable List<String> outputs) {
    public BufferParametersBody {
        inputs = Absent.ifEmpty(inputs);
        outputs = Absent.ifEmpty(outputs);
    }

    boolean isEmpty() {
        return inputs == null && outputs == null;
    }
}
