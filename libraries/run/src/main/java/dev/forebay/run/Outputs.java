package dev.forebay.run;

import dev.forebay.base.Reason;
import dev.forebay.blob.Container;
import dev.forebay.stream.BufferException;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.WriteOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Brings the outputs of a run without {@link Pipes} to their end, so that no reader waits for them.
 * Blocks, at most for the retry time of each output.
 */
public final class Outputs {
    private Outputs() {}

    /**
     * Marks the outputs failed of a run that never had pipes. A buffer that has a writer is left
     * alone.
     *
     * @param parameters of the run
     * @param buffers the container of each output's buffer
     * @param options how failures are retried
     * @return the first output that could not be marked
     */
    public static Optional<TransferFailure> failUnbegun(
            List<Parameter> parameters,
            Function<Parameter, Container> buffers,
            WriteOptions options) {
        return each(
                parameters,
                parameter -> {
                    OutputTransfer.Marked marked = new OutputTransfer.Marked(options.listener());
                    try {
                        new BufferWriter(buffers.apply(parameter), options.withListener(marked))
                                .write(new NoProgram());
                    } catch (BufferException e) {
                        // No word means that nothing was put: another writer has the buffer, or
                        // there is none.
                        if (!marked.isUnbegun() && marked.isMissing()) {
                            new BufferWriter(buffers.apply(parameter), options).giveUp();
                        }
                    }
                });
    }

    /**
     * Marks the outputs failed of a run whose pipes ended with their server.
     *
     * @param parameters of the run
     * @param buffers the container of each output's buffer
     * @param options how failures are retried
     * @return the first output that could not be marked
     */
    public static Optional<TransferFailure> failAbandoned(
            List<Parameter> parameters,
            Function<Parameter, Container> buffers,
            WriteOptions options) {
        return each(
                parameters,
                parameter -> new BufferWriter(buffers.apply(parameter), options).giveUp());
    }

    private interface Marking {
        void mark(Parameter parameter);
    }

    private static Optional<TransferFailure> each(List<Parameter> parameters, Marking marking) {
        Optional<TransferFailure> first = Optional.empty();
        for (Parameter parameter : parameters) {
            if (parameter.direction() == Direction.OUTPUT) {
                try {
                    marking.mark(parameter);
                } catch (RuntimeException e) {
                    first =
                            first.or(() ->
                                    Optional.of(new TransferFailure(parameter, Reason.of(e))));
                }
            }
        }
        return first;
    }

    /** The output of a program that was never started. */
    private static final class NoProgram implements ReadableByteChannel {
        @Override
        public int read(ByteBuffer target) throws IOException {
            throw new IOException("the program was not started");
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
