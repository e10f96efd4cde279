package dev.forebay.run.oci;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Backoff;
import dev.forebay.base.Pauses;
import dev.forebay.base.Printable;
import dev.forebay.base.Worker;
import dev.forebay.run.Capabilities;
import dev.forebay.run.Host;
import dev.forebay.run.HostedProgram;
import dev.forebay.run.Program;
import dev.forebay.run.RunControl;
import dev.forebay.run.RunFolder;
import dev.forebay.run.RunOrder;
import dev.forebay.run.RunRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A container engine.
 *
 * <p><b>Guarantee.</b> {@link #sweep} removes every container of this server that has no run, once
 * the engine answers. After {@link #close} no thread is left. Safe for use by many threads.
 */
final class EngineHost implements Host {
    /** The first pause before an engine that does not answer is asked again. */
    static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final OciSettings settings;
    private final Engine engine;
    private final ContainerPlan plan;
    private final Pauses pauses;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable Worker sweeper;

    EngineHost(OciSettings settings, String identity) {
        this.settings = settings;
        this.engine = new Engine(settings.socket());
        this.plan = new ContainerPlan(settings, identity);
        this.pauses = new Pauses(settings.host().clock());
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities("oci", "container", true, false, false, true, true, false, true);
    }

    @Override
    public String whyNoSockets() {
        return settings.network().equals(OciSettings.NO_NETWORK)
                ? "has no network to offer, since its containers have none"
                : "connects to no port of its containers, though they have the network '%s'"
                        .formatted(Printable.of(settings.network()));
    }

    @Override
    public void check(RunOrder order) {
        if (order.program().image().filter(image -> !image.isBlank()).isEmpty()) {
            throw new RunRefusedException(
                    "the oci executor needs an image, and the codespec has none; add one");
        }
    }

    /** The image on this machine, unless another may be fetched before the run. */
    @Override
    public Optional<String> digest(Program program) {
        if (settings.pull() == PullPolicy.ALWAYS) {
            return Optional.empty();
        }
        try {
            return engine.imageId(program.image().orElse(""));
        } catch (IOException e) {
            return Optional.empty(); // Then no run is answered with another: it is executed.
        }
    }

    @Override
    public HostedProgram program(RunOrder order, RunFolder folder, RunControl control) {
        return new ContainerProgram(order, folder, control, settings, engine, plan);
    }

    /** The container of the run goes with {@link #sweep}. */
    @Override
    public void endStray(RunFolder folder) {}

    @Override
    public void sweep(LongPredicate known) {
        lock.lock();
        try {
            sweeper =
                    Worker.virtual(
                            "forebay-run-sweep",
                            () -> removeStrays(known),
                            EngineHost::sweepFailed);
        } finally {
            lock.unlock();
        }
    }

    private void removeStrays(LongPredicate known) throws InterruptedException {
        Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        do {
            try {
                for (Engine.Listed one : engine.list(ContainerPlan.SERVER, plan.server())) {
                    if (isStray(one, known)) {
                        engine.remove(one.id());
                    }
                }
                return;
            } catch (EngineException e) {
                sweepFailed(e);
                return;
            } catch (IOException e) {
                // The engine is away, and asked again after a pause.
            }
        } while (pauses.pause(backoff.next()));
    }

    private static void sweepFailed(Throwable reason) {
        System.getLogger(EngineHost.class.getName())
                .log(
                        System.Logger.Level.ERROR,
                        "containers without a run were not removed; the next start of the server tries again",
                        reason);
    }

    private static boolean isStray(Engine.Listed container, LongPredicate known) {
        String run = container.labels().getOrDefault(ContainerPlan.RUN, "");
        return run.matches("\\d{1,18}") && !known.test(Long.parseLong(run));
    }

    @Override
    public void close() {
        pauses.close();
        Worker sweep;
        lock.lock();
        try {
            sweep = sweeper;
        } finally {
            lock.unlock();
        }
        if (sweep != null) {
            sweep.join();
        }
    }
}
