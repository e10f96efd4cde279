package dev.forebay.run.process;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Closing;
import dev.forebay.base.Reason;
import dev.forebay.run.HostedProgram;
import dev.forebay.run.LogPipe;
import dev.forebay.run.Outcome;
import dev.forebay.run.Program;
import dev.forebay.run.RunControl;
import dev.forebay.run.RunLog;
import dev.forebay.run.StartedProgram;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The program of one run as processes: a supervisor and what comes from it. No server adopts them.
 */
final class ProcessProgram implements HostedProgram {
    /** What a process that outlives the run may hold up its log. */
    private static final Duration STRAGGLER = Duration.ofSeconds(10);

    private static final String HELD =
            "a process that outlives the run holds its standard output open; end it";

    private final Program program;
    private final RunDirectory directory;
    private final RunControl control;
    private final Tools tools;
    private final Executables executables;
    private final Optional<ControlGroups> groups;
    private final Clock clock;

    /** What the command named when the program was made. */
    private Optional<String> executable = Optional.empty();

    /** Null until the program may run. */
    private @Nullable RunRecord record;

    ProcessProgram(
            Program program,
            RunDirectory directory,
            RunControl control,
            Tools tools,
            Executables executables,
            Optional<ControlGroups> groups,
            Clock clock) {
        this.program = program;
        this.directory = directory;
        this.control = control;
        this.tools = tools;
        this.executables = executables;
        this.groups = groups;
        this.clock = clock;
    }

    @Override
    public boolean hasBegun() throws IOException {
        record = directory.readRecord().orElse(null);
        return record != null;
    }

    @Override
    public boolean canBeLeft(boolean begun) {
        return false;
    }

    @Override
    public void prepare() throws IOException {
        directory.create(tools.user().isPresent());
    }

    @Override
    public boolean make(Map<String, String> pipes) throws IOException {
        RunRecord fresh = RunRecord.fresh(ProcessTable.boot());
        directory.writeProgram(
                Shell.program(
                        tools.env(),
                        fresh.variable(),
                        program.resolve(pipes),
                        program.workingDirectory().orElse(directory.work().toString()),
                        groups.filter(ControlGroups::limitsMemory).isPresent()
                                ? OptionalLong.empty()
                                : program.resources().memoryLimit()));
        if (tools.user().isPresent()) {
            directory.giveTo(tools.user().get().name(), pipes.values());
        }
        record = fresh;
        executable = executables.digest(program);
        return true;
    }

    private RunRecord record() {
        return Objects.requireNonNull(record, "the program was not begun");
    }

    @Override
    public void begin() throws IOException {
        directory.begin(record());
    }

    @Override
    public StartedProgram start(RunLog log) throws IOException {
        if (groups.isPresent()) {
            groups.get().create(record(), program.resources());
        }
        LogPipe output = LogPipe.create(directory.logPipe(), log, this::logFailed);
        try (Closing undo = new Closing()) {
            undo.then(output::close);
            Process process = startSupervisor(output);
            RunRecord whole =
                    ProcessTable.find(process.pid())
                            .map(entry -> record().withSupervisor(entry.id()))
                            .orElse(record());
            directory.write(whole);
            undo.forget();
            return new Started(process, output, new RunProcesses(whole, groups));
        }
    }

    private void logFailed(Throwable reason) {
        control.fail(Outcome.failed("the log could not be read: " + Reason.of(reason)));
    }

    /** Starts the supervisor, to which nothing is handed down but the three standard streams. */
    private Process startSupervisor(LogPipe output) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(tools.commandLine(directory, record(), groups))
                        .directory(directory.folder().path().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.path().toFile());
        builder.environment().clear();
        builder.environment().put(RunRecord.VARIABLE, record().mark());
        Process process = builder.start();
        CompletableFuture<Process> _ = process.onExit().whenComplete((_, _) -> control.changed());
        return process;
    }

    @Override
    public boolean find() {
        return true;
    }

    @Override
    public StartedProgram adopt(RunLog log) {
        throw new IllegalStateException("a process cannot be adopted");
    }

    @Override
    public void end() throws IOException, InterruptedException {
        new RunProcesses(record(), groups).kill(clock);
    }

    @Override
    public void interrupt() {}

    @Override
    public void discard() throws IOException {
        directory.removeWork();
    }

    /** That of its file if it was the same at its start and at its end. */
    private Optional<String> executed() {
        return executables.digest(program).equals(executable) ? executable : Optional.empty();
    }

    /** The processes of a program that was started. */
    private final class Started implements StartedProgram {
        private final Process process;
        private final LogPipe output;
        private final RunProcesses processes;
        private final Instant at;
        private final Set<ProcessTable.Id> asked = new HashSet<>();
        private volatile @Nullable Outcome ended;

        Started(Process process, LogPipe output, RunProcesses processes) {
            this.process = process;
            this.output = output;
            this.processes = processes;
            this.at = clock.wall();
        }

        @Override
        public Instant startedAt() {
            return at;
        }

        @Override
        public @Nullable Outcome end() {
            if (process.isAlive()) {
                return null;
            }
            if (ended == null) {
                ended = outcome();
            }
            return ended;
        }

        private Outcome outcome() {
            int code = process.exitValue();
            OptionalLong limit = program.resources().memoryLimit();
            boolean exceeded =
                    code != 0
                            && limit.isPresent()
                            && groups.filter(all -> all.exceededMemory(record())).isPresent();
            return exceeded
                    ? Outcome.exceededMemory(ByteSize.of(limit.getAsLong()), code)
                    : Outcome.exited(code);
        }

        /** Asked again soon, for processes that are made meanwhile. */
        @Override
        public boolean terminate() throws IOException {
            processes.terminate(asked);
            return false;
        }

        @Override
        public boolean kill() throws IOException, InterruptedException {
            processes.kill(clock);
            return true;
        }

        @Override
        public Optional<String> finish() throws IOException, InterruptedException {
            processes.kill(clock);
            return output.finish(STRAGGLER) ? Optional.empty() : Optional.of(HELD);
        }

        @Override
        public Optional<String> digest() {
            return executed();
        }

        @Override
        public void close() throws IOException {
            try (Closing all = new Closing()) {
                all.then(process.getOutputStream()::close);
                all.then(output::close);
            }
        }
    }
}
