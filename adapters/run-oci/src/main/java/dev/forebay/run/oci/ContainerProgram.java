package dev.forebay.run.oci;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Backoff;
import dev.forebay.base.ByteSize;
import dev.forebay.base.Reason;
import dev.forebay.run.HostedProgram;
import dev.forebay.run.Outcome;
import dev.forebay.run.RunControl;
import dev.forebay.run.RunFolder;
import dev.forebay.run.RunLog;
import dev.forebay.run.RunOrder;
import dev.forebay.run.RunRefusedException;
import dev.forebay.run.StartedProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The program of one run as a container. In the run's folder, the file {@code begun} is made before
 * it starts.
 *
 * <p>The folder is for the server's user alone; the pipes in it are for all, since the user of a
 * container is another one, and only the container reaches them.
 *
 * <p><b>Limit.</b> While the engine does not answer, a program neither starts nor ends. One with
 * buffers that was started cannot be left: its server holds the other ends of its pipes.
 */
final class ContainerProgram implements HostedProgram {
    /** How long the rest of a log may take once the container has ended. */
    private static final Duration LOG_PATIENCE = Duration.ofSeconds(10);

    private static final String BEGUN = "begun";
    private static final int KILLED = 137;

    private final RunOrder order;
    private final RunFolder folder;
    private final RunControl control;
    private final OciSettings settings;
    private final Engine engine;
    private final ContainerPlan plan;
    private final String name;
    private final ReentrantLock lock = new ReentrantLock();

    /** The image that is being fetched. */
    @GuardedBy("lock")
    private @Nullable EngineCall pulling;

    /** The engine may have a container of the run. */
    private boolean made;

    private String id = "";

    /** What another server began; null if that is gone. */
    private Engine.@Nullable Found found;

    ContainerProgram(
            RunOrder order,
            RunFolder folder,
            RunControl control,
            OciSettings settings,
            Engine engine,
            ContainerPlan plan) {
        this.order = order;
        this.folder = folder;
        this.control = control;
        this.settings = settings;
        this.engine = engine;
        this.plan = plan;
        this.name = plan.name(order.run());
    }

    @Override
    public boolean hasBegun() {
        made = Files.exists(folder.file(BEGUN), LinkOption.NOFOLLOW_LINKS);
        return made;
    }

    @Override
    public boolean canBeLeft(boolean begun) {
        return !begun || order.program().parameters().isEmpty();
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
        folder.create("rwx------", "rwxr-xr-x");
        String image = order.program().image().orElseThrow();
        try {
            Boolean there = ask(() -> engine.imageId(image).isPresent(), true);
            if (there == null || (there && settings.pull() != PullPolicy.ALWAYS)) {
                return;
            }
            if (settings.pull() == PullPolicy.NEVER) {
                throw new RunRefusedException(
                        "image %s is not on this machine, and the pull policy is never; load it, or start the server with --executor-pull missing"
                                .formatted(image));
            }
            pull(image);
        } catch (IOException e) {
            if (!control.isEnding()) {
                throw new RunRefusedException(
                        "image %s could not be pulled, and the pull policy is %s: %s"
                                .formatted(image, settings.pull().text(), Reason.of(e)));
            }
        }
    }

    private void pull(String image) throws IOException {
        try {
            engine.pull(image, this::pulling);
        } finally {
            lock.lock();
            try {
                pulling = null;
            } finally {
                lock.unlock();
            }
        }
    }

    private void pulling(EngineCall call) {
        lock.lock();
        try {
            pulling = call;
        } finally {
            lock.unlock();
        }
        if (control.isEnding()) {
            interrupt();
        }
    }

    @Override
    public void interrupt() {
        lock.lock();
        try {
            if (pulling != null) {
                pulling.close();
            }
        } catch (IOException e) {
            throw new AssertionError("closing a local socket does no I/O", e);
        } finally {
            lock.unlock();
        }
    }

    /** Something that the engine is asked for. */
    private interface Question<T> {
        T ask() throws IOException;
    }

    /** Asks until the engine answers, if only with a refusal. Null if the executor closes. */
    private <T> @Nullable T ask(Question<T> question) throws IOException, InterruptedException {
        return ask(question, false);
    }

    /** As {@link #ask}, and null if the run is to end and the question is stoppable. */
    private <T> @Nullable T ask(Question<T> question, boolean stoppable)
            throws IOException, InterruptedException {
        Backoff backoff = new Backoff(EngineHost.FIRST_PAUSE, EngineHost.LONGEST_PAUSE);
        boolean warned = false;
        do {
            try {
                return question.ask();
            } catch (EngineException e) {
                throw e;
            } catch (IOException e) {
                if (!warned) {
                    warn(
                            "the engine does not answer at %s; waiting for it"
                                    .formatted(settings.socket()),
                            e);
                    warned = true;
                }
            }
        } while (control.pause(backoff.next(), stoppable));
        return null;
    }

    private void warn(String what, Exception reason) {
        System.getLogger(ContainerProgram.class.getName())
                .log(
                        System.Logger.Level.WARNING,
                        "run %d, container %s: %s".formatted(order.run(), name, what),
                        reason);
    }

    /** Makes the container, in the place of one that another server made and did not start. */
    @Override
    public boolean make(Map<String, String> pipes) throws IOException, InterruptedException {
        for (String pipe : pipes.values()) {
            Files.setPosixFilePermissions(
                    Path.of(pipe), PosixFilePermissions.fromString("rw-rw-rw-"));
        }
        Map<String, String> inside =
                pipes.entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey,
                                        pipe -> ContainerPlan.inside(pipe.getValue())));
        made = true;
        String created = ask(() -> create(inside));
        id = Objects.requireNonNullElse(created, "");
        return created != null;
    }

    private String create(Map<String, String> pipes) throws IOException {
        engine.remove(name);
        try {
            return engine.create(
                    name, plan.of(order, order.program().resolve(pipes), folder.pipes()));
        } catch (EngineException e) {
            throw new RunRefusedException("the container could not be made: " + Reason.of(e));
        }
    }

    @Override
    public void begin() throws IOException {
        folder.writeSynced(BEGUN, "");
    }

    @Override
    public StartedProgram start(RunLog log) throws IOException {
        return watch(id, log, engine.attach(id), Optional.empty());
    }

    @Override
    public boolean find() throws IOException, InterruptedException {
        Optional<Engine.Found> answer = ask(() -> engine.find(name));
        if (answer == null) {
            return false;
        }
        if (answer.isEmpty() && canBeLeft(true)) {
            throw new RunRefusedException(gone() + " while the server was away");
        }
        found = answer.orElse(null);
        return true;
    }

    private String gone() {
        return "container %s of the run was removed by something else".formatted(name);
    }

    /** Reads the log anew from the engine, which kept it, and watches the container on. */
    @Override
    public @Nullable StartedProgram adopt(RunLog log) throws IOException, InterruptedException {
        Engine.Found left = Objects.requireNonNull(found);
        EngineCall stream =
                ask(() ->
                        left.started().isPresent()
                                ? engine.logs(left.id())
                                : engine.attach(left.id()));
        return stream == null ? null : watch(left.id(), log, stream, left.started());
    }

    /**
     * Watches the container, which is started first unless that is done.
     *
     * @param before when another server started it
     */
    private StartedProgram watch(
            String container, RunLog log, EngineCall stream, Optional<Instant> before)
            throws IOException {
        ContainerWatch watch =
                new ContainerWatch(
                        engine, container, log, settings.host().clock(), stream, control::changed);
        boolean done = false;
        try {
            if (before.isEmpty()) {
                engine.start(container);
            }
            watch.started();
            Started started =
                    new Started(
                            watch,
                            container,
                            before.orElseGet(() -> settings.host().clock().wall()));
            done = true;
            return started;
        } catch (EngineException e) {
            throw new RunRefusedException("the container could not be started: " + Reason.of(e));
        } finally {
            if (!done) {
                watch.close();
            }
        }
    }

    /** Removes the container; repeated until the engine answers, or the executor closes. */
    @Override
    public void end() throws InterruptedException {
        try {
            Boolean _ =
                    ask(() -> {
                        engine.remove(name);
                        return true;
                    });
        } catch (IOException e) {
            warn("it could not be removed; the next start of the server tries again", e);
        }
    }

    @Override
    public void discard() throws IOException, InterruptedException {
        try {
            folder.removePipes();
        } finally {
            if (made) {
                end();
            }
        }
    }

    /** A container that was started. */
    private final class Started implements StartedProgram {
        private final ContainerWatch watch;
        private final String container;
        private final Instant at;

        Started(ContainerWatch watch, String container, Instant at) {
            this.watch = watch;
            this.container = container;
            this.at = at;
        }

        @Override
        public Instant startedAt() {
            return at;
        }

        @Override
        public @Nullable Outcome end() {
            ContainerWatch.End end = watch.end();
            return end == null ? null : outcomeOf(end.found());
        }

        private Outcome outcomeOf(Optional<Engine.Found> end) {
            if (end.isEmpty()) {
                return Outcome.failed(gone());
            }
            int code = end.get().exitCode();
            ByteSize memory = ByteSize.of(plan.memory(order.program().resources()));
            if (code != 0 && end.get().outOfMemory()) {
                return Outcome.exceededMemory(memory, code);
            }
            Outcome outcome = Outcome.exited(code);
            return code == KILLED
                    ? Outcome.failed(
                            "%s; its memory limit was %s, and the engine does not say whether it was exceeded"
                                    .formatted(outcome.reason().orElseThrow(), memory))
                    : outcome;
        }

        @Override
        public boolean terminate() {
            return kill("TERM");
        }

        @Override
        public boolean kill() {
            return kill("KILL");
        }

        private boolean kill(String signal) {
            try {
                engine.kill(container, signal);
                return true;
            } catch (IOException e) {
                // An engine that does not answer, or refuses, is asked again.
                return false;
            }
        }

        @Override
        public Optional<String> finish() throws IOException, InterruptedException {
            watch.finishLog(LOG_PATIENCE);
            return Optional.empty();
        }

        @Override
        public Optional<String> digest() {
            return Optional.ofNullable(watch.end())
                    .flatMap(ContainerWatch.End::found)
                    .flatMap(Engine.Found::image);
        }

        @Override
        public void close() throws IOException {
            watch.close();
        }
    }
}
