package dev.forebay.run.process;

import dev.forebay.base.Clock;
import dev.forebay.blob.Container;
import dev.forebay.run.Capabilities;
import dev.forebay.run.Executor;
import dev.forebay.run.Host;
import dev.forebay.run.HostExecutor;
import dev.forebay.run.HostedProgram;
import dev.forebay.run.Program;
import dev.forebay.run.RunControl;
import dev.forebay.run.RunFolder;
import dev.forebay.run.RunOrder;
import dev.forebay.run.RunRefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongPredicate;

/**
 * Executes runs as processes of this machine.
 *
 * <p><b>Guarantee.</b> That of {@link HostExecutor}. A program gets its codespec's environment and
 * one variable by which its processes are found, no descriptor but the three standard streams, and
 * a session and a directory of its own. When the server ends, however it does, the supervisor of
 * each run kills its program; what is left of them, the next executor on the directory ends in
 * {@link Executor#reconcile}, and reports the runs as Failed with {@code server lost}.
 *
 * <p><b>Limit.</b> Linux only. The image is ignored. Without a control group limits on processors
 * are not enforced, and a limit on memory is one on the address space of each process. Without
 * bubblewrap a program can read what its user can read, the files of the server included if that is
 * the same user.
 *
 * <p>A run that executes takes a platform thread for its log, beyond those of its executor.
 */
public final class ProcessExecutor {
    private ProcessExecutor() {}

    /**
     * Opens the directory of runs and tries which isolation works here; blocks for a second at
     * most.
     *
     * @param settings how it works
     * @param buffers opens the container of a buffer by its ID
     * @return the executor, which owns the directory until it is closed
     * @throws RunRefusedException if the server is root and no user is named
     * @throws dev.forebay.base.LockedException if another executor has the directory
     * @throws IOException if the directory cannot be read or made
     * @throws InterruptedException if the thread is interrupted while it tries the isolation
     */
    public static Executor open(ProcessSettings settings, Function<String, Container> buffers)
            throws IOException, InterruptedException {
        Machine machine =
                new Machine(
                        Tools.find(settings),
                        new Executables(settings.hidden()),
                        groups(settings),
                        settings.host().clock());
        return HostExecutor.open(settings.host(), () -> machine, buffers);
    }

    private static Optional<ControlGroups> groups(ProcessSettings settings) throws IOException {
        return settings.controlGroup().isEmpty()
                ? Optional.empty()
                : Optional.of(ControlGroups.open(settings.controlGroup().get()));
    }

    /**
     * The control group that this process is in.
     *
     * @return its folder, for {@link ProcessSettings#withControlGroup} if it may be divided
     * @throws RunRefusedException if it is in none of version 2
     * @throws IOException if the system does not say it
     */
    public static Path ownControlGroup() throws IOException {
        return ControlGroups.own();
    }

    /** This machine. */
    private record Machine(
            Tools tools, Executables executables, Optional<ControlGroups> groups, Clock clock)
            implements Host {
        @Override
        public Capabilities capabilities() {
            return new Capabilities(
                    "process",
                    tools.isolation().text(),
                    false,
                    false,
                    false,
                    true,
                    groups.filter(ControlGroups::limitsProcessors).isPresent(),
                    false,
                    false);
        }

        @Override
        public String whyNoSockets() {
            return "has no network to offer, since its programs share the ports of the machine";
        }

        @Override
        public void check(RunOrder order) {
            if (order.program().command().isEmpty()) {
                throw new RunRefusedException(
                        "the process executor ignores the image, and the codespec has no command; add one");
            }
        }

        @Override
        public Optional<String> digest(Program program) {
            return executables.digest(program);
        }

        @Override
        public HostedProgram program(RunOrder order, RunFolder folder, RunControl control) {
            return new ProcessProgram(
                    order.program(),
                    new RunDirectory(folder),
                    control,
                    tools,
                    executables,
                    groups,
                    clock);
        }

        @Override
        public void endStray(RunFolder folder) throws IOException, InterruptedException {
            Optional<RunRecord> record = new RunDirectory(folder).readRecord();
            if (record.isPresent()) {
                new RunProcesses(record.get(), groups).kill(clock);
            }
        }

        /** A run without a folder has no processes. */
        @Override
        public void sweep(LongPredicate known) {}

        @Override
        public void close() {}
    }
}
