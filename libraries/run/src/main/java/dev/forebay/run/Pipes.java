package dev.forebay.run;

import dev.forebay.base.Clock;
import dev.forebay.base.Closing;
import dev.forebay.blob.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The named pipes of one run and the transfers between them and the buffers.
 *
 * <pre>
 *  input buffer --BufferReader--> [pipe] --> program --> [pipe] --BufferWriter--> output buffer
 *                fed from the time that                  its end waits for the verdict
 *                the program opens it
 * </pre>
 *
 * <p><b>Guarantee.</b> The program may open its pipes in any order, or not at all: each has a
 * thread of its own, and opening an output never blocks. Bytes reach the program as they arrive in
 * the input buffer; an output can be read while it is being written. Outputs are <em>complete</em>
 * if {@link #finish} was told of a success and every transfer got through; otherwise
 * <em>failed</em>, as far as their container can still be reached. A buffer that has another writer
 * is left alone. Inputs are never changed.
 *
 * <p><b>Limit.</b> A program that closes an input and opens it again blocks. One that removes the
 * pipe of an input that it has not opened fails its run, and a thread waits until the server ends.
 * An output that the program never opened is an empty buffer. Of several outputs of a success, the
 * first may be complete when the container of the second fails; then the run has failed.
 *
 * <p>The order of calls: {@link #create}, {@link #begin}, {@link #finish}, {@link #close}; each by
 * the thread that has the run, and may block. {@link #abort} by any thread.
 */
public final class Pipes implements AutoCloseable {
    /** A file's name has 255 bytes on the usual file systems, and less on some that encrypt. */
    private static final int LONGEST_NAME = 128;

    private final List<NamedPipe> pipes = new ArrayList<>();
    private final Map<String, String> paths = new LinkedHashMap<>();
    private final Map<String, InputTransfer> inputs = new LinkedHashMap<>();
    private final Map<String, OutputTransfer> outputs = new LinkedHashMap<>();

    private Pipes() {}

    /**
     * Makes a pipe, mode 0600, for each parameter.
     *
     * @param directory an empty one
     * @param parameters one pipe each
     * @param clock measures pauses
     * @param failed gets each transfer that fails before {@link #finish}, on any thread; the caller
     *     then ends the program
     * @return the pipes, whose transfers have not begun
     * @throws IOException if one cannot be made
     */
    public static Pipes create(
            Path directory,
            List<Parameter> parameters,
            Clock clock,
            Consumer<TransferFailure> failed)
            throws IOException {
        Pipes all = new Pipes();
        boolean done = false;
        try {
            for (Parameter parameter : parameters) {
                all.add(directory, parameter, clock, failed);
            }
            done = true;
            return all;
        } finally {
            if (!done) {
                all.close();
            }
        }
    }

    private void add(
            Path directory, Parameter parameter, Clock clock, Consumer<TransferFailure> failed)
            throws IOException {
        NamedPipe pipe = NamedPipe.create(directory.resolve(fileName(parameter)));
        pipes.add(pipe);
        paths.put(parameter.name(), pipe.path().toString());
        switch (parameter.direction()) {
            case INPUT -> inputs.put(parameter.name(), new InputTransfer(parameter, pipe, failed));
            case OUTPUT ->
                    outputs.put(
                            parameter.name(), new OutputTransfer(parameter, pipe, clock, failed));
        }
    }

    /**
     * That of the parameter, or an underline and a number if that is too long for a file; no name
     * has one.
     */
    private String fileName(Parameter parameter) {
        String name = parameter.name();
        return (name.length() > LONGEST_NAME ? "_" + pipes.size() : name) + ".pipe";
    }

    /** {@return the path of each pipe, by the name of its parameter} */
    public Map<String, String> paths() {
        return Map.copyOf(paths);
    }

    /**
     * Starts the transfers.
     *
     * @param buffers the container of each parameter's stored buffer; they stay open
     * @param relays those of the parameters whose buffers are ephemeral
     * @param transfers how the buffers are read and written
     */
    public void begin(
            Map<String, Container> buffers, Map<String, Relay> relays, Transfers transfers) {
        inputs.forEach((name, input) -> {
            Relay relay = relays.get(name);
            input.begin(
                    relay == null
                            ? InputTransfer.Source.of(
                                    Objects.requireNonNull(buffers.get(name), name),
                                    transfers.reading())
                            : InputTransfer.Source.of(relay));
        });
        outputs.forEach((name, output) -> {
            Relay relay = relays.get(name);
            if (relay == null) {
                output.begin(Objects.requireNonNull(buffers.get(name), name), transfers.writing());
            } else {
                output.begin(relay);
            }
        });
    }

    /**
     * The program has ended, and no process of it is left: ends the inputs, writes the outputs to
     * their ends and their end markers.
     *
     * @param succeeded whether the program did
     * @return the first failure of a transfer; the run has not succeeded then
     * @throws IOException if a pipe cannot be read or removed
     * @throws InterruptedException if the thread is interrupted
     */
    public Optional<TransferFailure> finish(boolean succeeded)
            throws IOException, InterruptedException {
        Optional<TransferFailure> failure = Optional.empty();
        for (InputTransfer input : inputs.values()) {
            Optional<TransferFailure> found = input.end();
            failure = failure.or(() -> found);
        }
        for (OutputTransfer output : outputs.values()) {
            Optional<TransferFailure> found = output.drain();
            failure = failure.or(() -> found);
        }
        boolean complete = succeeded && failure.isEmpty();
        outputs.values().forEach(output -> output.settle(complete));
        for (OutputTransfer output : outputs.values()) {
            Optional<TransferFailure> found = output.awaitEnd();
            failure = failure.or(() -> found);
        }
        return failure;
    }

    /** Ends a {@link #finish} under way within seconds, outputs failed if that can still be. */
    public void abort() {
        outputs.values().forEach(OutputTransfer::abort);
    }

    /** Ends the transfers, as failed ones unless they were finished, and removes the pipes. */
    @Override
    public void close() throws IOException {
        abort();
        try (Closing all = new Closing()) {
            inputs.values().forEach(input -> all.then(input::end));
            outputs.values().forEach(output -> all.then(output::awaitEnd));
            pipes.forEach(pipe -> all.then(() -> Files.deleteIfExists(pipe.path())));
        }
    }
}
