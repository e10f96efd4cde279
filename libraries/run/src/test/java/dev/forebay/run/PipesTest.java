package dev.forebay.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.blob.testing.FaultyContainer;
import dev.forebay.run.testing.Buffers;
import dev.forebay.run.testing.FedChannel;
import dev.forebay.stream.WriteOptions;
import dev.forebay.testkit.ManualClock;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The test is the program. */
class PipesTest {
    private static final Parameter IN = Parameter.input("in");
    private static final Parameter OUT = Parameter.output("out");

    private final Buffers buffers = new Buffers();
    private final BlockingQueue<TransferFailure> failures = new LinkedBlockingQueue<>();

    @TempDir private Path directory;

    private Pipes create(Clock clock, Parameter... parameters) throws Exception {
        return Pipes.create(directory, List.of(parameters), clock, failures::add);
    }

    private FileChannel open(Pipes pipes, Parameter parameter) throws Exception {
        return FileChannel.open(
                Path.of(pipes.paths().get(parameter.name())),
                parameter.direction() == Direction.INPUT
                        ? StandardOpenOption.READ
                        : StandardOpenOption.WRITE);
    }

    private void begin(Pipes pipes) {
        pipes.begin(
                Map.of("in", buffers.apply("in"), "out", buffers.apply("out")),
                Map.of(),
                Transfers.defaults());
    }

    private static void write(FileChannel pipe, byte[] bytes) throws Exception {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            pipe.write(left);
        }
    }

    @Test
    void nameOfAParameterMayBeLongerThanThatOfAFile() throws Exception {
        String name = "n".repeat(300);
        try (Pipes pipes =
                create(
                        Clock.system(),
                        IN,
                        Parameter.input(name + "1"),
                        Parameter.output(name + "2"))) {
            assertThat(pipes.paths()).hasSize(3);
            assertThat(pipes.paths().values())
                    .doesNotHaveDuplicates()
                    .contains(directory.resolve("in.pipe").toString())
                    .allMatch(path -> Files.exists(Path.of(path)));
        }
    }

    @Test
    void pipesAreTheOwnersAndGoWithTheRun() throws Exception {
        try (Pipes pipes = create(Clock.system(), IN, OUT)) {
            for (String path : pipes.paths().values()) {
                assertThat(
                                PosixFilePermissions.toString(
                                        Files.getPosixFilePermissions(Path.of(path))))
                        .isEqualTo("rw-------");
            }
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void pipeHoldsAMebibyteWhereTheSystemAllowsIt() throws Exception {
        try (Pipes pipes = create(Clock.system(), OUT);
                FileChannel program = open(pipes, OUT)) {
            // Nothing reads before begin: a smaller pipe would block this write for ever.
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<?> write =
                        threads.submit(() -> {
                            write(program, new byte[NamedPipe.CAPACITY]);
                            return null;
                        });
                write.get(90, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void runThatIsNeverFinishedLeavesItsOutputFailed() throws Exception {
        try (Pipes pipes = create(Clock.system(), IN, OUT)) {
            begin(pipes);
            try (FileChannel program = open(pipes, OUT)) {
                write(program, Buffers.bytes(1000));
            }
        }
        assertThat(buffers.end("out")).isEqualTo("failed");
        assertThat(failures).isEmpty();
    }

    @Test
    void outputThatCannotBeStoredIsToldWhileTheProgramRuns() throws Exception {
        buffers.memory("out").delete();
        try (Pipes pipes = create(Clock.system(), OUT)) {
            begin(pipes);
            TransferFailure failure =
                    Objects.requireNonNull(failures.poll(90, TimeUnit.SECONDS), "no failure");
            assertThat(failure.parameter()).isEqualTo(OUT);
            assertThat(failure.reason()).contains("does not exist");
            assertThat(pipes.finish(true)).contains(failure);
        }
    }

    @Test
    void otherOutputsFailWithTheOneThatCannotBeStored() throws Exception {
        Parameter other = Parameter.output("other");
        buffers.memory("out").delete();
        try (Pipes pipes = create(Clock.system(), OUT, other)) {
            pipes.begin(
                    Map.of("out", buffers.apply("out"), "other", buffers.apply("other")),
                    Map.of(),
                    Transfers.defaults());
            assertThat(pipes.finish(true)).map(TransferFailure::parameter).contains(OUT);
        }
        assertThat(buffers.end("other")).isEqualTo("failed");
    }

    @Test
    void processThatOutlivesItsRunIsNotWaitedForLong() throws Exception {
        ManualClock clock = new ManualClock();
        try (Pipes pipes = create(clock, OUT);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            begin(pipes);
            try (FileChannel straggler = open(pipes, OUT)) {
                write(straggler, Buffers.bytes(1000));
                Future<Optional<TransferFailure>> finish = threads.submit(() -> pipes.finish(true));
                clock.awaitWaiters(1);
                assertThat(finish.isDone()).isFalse();
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
                while (!finish.isDone() && System.nanoTime() < deadline) {
                    // A read that begins after an advance starts the wait anew.
                    clock.advance(OutputTransfer.STRAGGLER);
                    Thread.onSpinWait();
                }
                TransferFailure failure = finish.get(1, TimeUnit.SECONDS).orElseThrow();
                assertThat(failure.reason()).contains("holds the pipe open");
            }
        }
        assertThat(buffers.end("out")).isEqualTo("failed");
    }

    @Test
    void abortEndsAWriteThatItsContainerHoldsUp() throws Exception {
        FaultyContainer slow = new FaultyContainer(buffers.apply("out"), 1, 0);
        try (Pipes pipes = create(Clock.system(), OUT);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            slow.holdPuts();
            pipes.begin(Map.of("out", slow), Map.of(), Transfers.defaults());
            Future<Optional<TransferFailure>> finish = threads.submit(() -> pipes.finish(true));
            slow.awaitHeldPuts(1);
            assertThat(finish.isDone()).isFalse();
            pipes.abort();
            assertThat(finish.get(90, TimeUnit.SECONDS)).isPresent();
            slow.letPutsGo();
        }
        assertThat(buffers.end("out")).isNotEqualTo("complete");
    }

    @Test
    void outputOfARunThatNeverStartedIsMarkedUnlessItHasAWriter() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                FedChannel input = new FedChannel();
                FedChannel seen = new FedChannel()) {
            Future<?> writer = threads.submit(() -> buffers.write("out", input));
            Future<?> reader = threads.submit(() -> buffers.read("out", seen));
            input.feed(Buffers.bytes(10));
            assertThat(seen.await(10)).isEqualTo(Buffers.bytes(10));
            Parameter free = Parameter.output("free");
            assertThat(
                            Outputs.failUnbegun(
                                    List.of(IN, OUT, free),
                                    parameter -> buffers.apply(parameter.name()),
                                    WriteOptions.defaults()))
                    .isEmpty();
            assertThat(buffers.end("out")).isEqualTo("open");
            assertThat(buffers.end("free")).isEqualTo("failed");
            assertThat(buffers.end("in")).isEqualTo("open");
            input.end();
            writer.get(90, TimeUnit.SECONDS);
            reader.get(90, TimeUnit.SECONDS);
            assertThat(buffers.end("out")).isEqualTo("complete");
        }
    }

    /** There is one output more than carriers, and no program writes to any. */
    @Test
    void silentEphemeralOutputsHoldUpNoVirtualThread() throws Exception {
        Relay relay = new Relay(Direction.OUTPUT, Clock.system());
        List<Pipes> all = new ArrayList<>();
        try {
            for (int i = 0; i <= Runtime.getRuntime().availableProcessors(); i++) {
                Path folder = Files.createDirectory(directory.resolve("run" + i));
                all.add(Pipes.create(folder, List.of(OUT), Clock.system(), failures::add));
                all.getLast().begin(Map.of(), Map.of("out", relay), Transfers.defaults());
            }
            CountDownLatch ran = new CountDownLatch(1);
            Thread.startVirtualThread(ran::countDown);
            assertThat(ran.await(30, TimeUnit.SECONDS)).as("another virtual thread ran").isTrue();
        } finally {
            relay.fail("over"); // The next byte ends a transfer, whatever thread it has.
            for (Pipes pipes : all) {
                try (FileChannel program = open(pipes, OUT)) {
                    write(program, new byte[1]);
                }
            }
            for (Pipes pipes : all) {
                pipes.close();
            }
        }
    }
}
