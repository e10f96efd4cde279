package dev.forebay.control;

import dev.forebay.base.Clock;
import dev.forebay.control.ControlException.Kind;
import dev.forebay.run.Capabilities;
import dev.forebay.run.Executor;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.NoSuchRunException;
import dev.forebay.run.Observation;
import dev.forebay.run.Outcome;
import dev.forebay.run.Relay;
import dev.forebay.run.RelayId;
import dev.forebay.run.RunOrder;
import dev.forebay.run.RunRefusedException;
import dev.forebay.run.RunStatus;
import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.JobBody;
import dev.forebay.wire.control.RunBody;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Creates runs and has an executor carry them: what is asked for goes from the catalogue to the
 * executor, and what the executor observes goes back.
 *
 * <p><b>Guarantee.</b> A run is committed before the executor hears of it, and what is committed
 * and has not ended is given to the executor of the next start. A cancel that was answered reaches
 * the executor, whatever comes between. While the catalogue does not answer, observations are
 * refused, and the executor repeats them. The log of a run that has ended is archived, and only
 * then does the executor forget the run; until then, and after a restart as well, it is tried
 * again.
 *
 * <p><b>Limit.</b> A crash while a run is created may leave buffers that were made for it. Without
 * an executor nothing is executed, and a run that is canceled stays Canceling until a server with
 * one is started.
 *
 * <p>Source of the rules: sections 2.11 and 4 of the wire reference. Safe for use by many threads;
 * blocks on the catalogue. A refusal is a {@link ControlException} or a {@link
 * RunRefusedException}.
 */
public final class RunService implements AutoCloseable {
    private static final String CANCELED = "Canceled by user";
    private static final String WAITED = "Run exceeded its timeout while pending";
    private static final String NO_EXECUTOR =
            "Runs are not available on this server, because it has no executor. The request is"
                    + " valid; nothing was created.";
    private static final LogReader NO_LINES =
            new LogReader() {
                @Override
                public @Nullable LogLine next() {
                    return null;
                }

                @Override
                public void close() {
                    // Nothing is open.
                }
            };
    private static final int PAGE = 1000;
    private static final String NOT_THERE_YET = "";

    private final Runs runs;
    private final Buffers buffers;
    private final Optional<Executor> executor;
    private final Clock clock;
    private final RunLogs logs;
    private final LogArchiver archiver;
    private final RunFollowers followers;

    /**
     * Read: an executor is given a run that has not ended. Write: it forgets one that has. So none
     * that it has forgotten is given to it again.
     */
    private final ReentrantReadWriteLock handover = new ReentrantReadWriteLock();

    /** The executor is closed with this object. */
    public RunService(
            Runs runs, Buffers buffers, Optional<Executor> executor, RunLogs logs, Clock clock) {
        this.runs = runs;
        this.buffers = buffers;
        this.executor = executor;
        this.logs = logs;
        this.clock = clock;
        this.followers = new RunFollowers(clock);
        this.archiver = new LogArchiver(clock, this::archive, logs::expire);
    }

    /** What the executor can do; empty without one. */
    public Optional<Capabilities> capabilities() {
        return executor.map(Executor::capabilities);
    }

    /**
     * Gives the executor every run that has not ended, and takes up what is left of those that
     * have. To be called once, before any other method.
     *
     * @return how many runs had not ended
     */
    public int resume() {
        List<Run> unfinished = unfinished();
        if (executor.isPresent()) {
            List<Executor.Unfinished> orders = new ArrayList<>();
            for (Run run : unfinished) {
                order(run)
                        .ifPresent(order ->
                                orders.add(
                                        new Executor.Unfinished(
                                                order,
                                                run.state().status() == RunStatus.CANCELING
                                                        ? run.state()
                                                                .reason()
                                                                .or(() -> Optional.of(CANCELED))
                                                        : Optional.empty())));
            }
            Collection<Long> left = executor.get().ended();
            executor.get().reconcile(orders, this::observed);
            archiver.add(left);
        }
        return unfinished.size();
    }

    /** The oldest first, so that they wait in the order in which they came. */
    private List<Run> unfinished() {
        List<Run> found = new ArrayList<>();
        visit(
                EnumSet.of(RunStatus.PENDING, RunStatus.RUNNING, RunStatus.CANCELING),
                () -> false,
                found::add);
        return found.reversed();
    }

    /** Visits the runs in one of these states, the newest first. */
    private void visit(
            Set<RunStatus> states, BooleanSupplier ending, Consumer<? super Run> visitor) {
        RunFilter filter =
                new RunFilter(
                        states, Map.of(), Set.of(), Optional.empty(), TimeRange.ALL, TimeRange.ALL);
        Optional<String> next = Optional.empty();
        do {
            RunPage page = runs.list(filter, PAGE, next);
            page.runs().forEach(visitor);
            next = page.continuation();
        } while (next.isPresent() && !ending.getAsBoolean());
    }

    /** The order of a run that is stored; one that cannot be ordered any more has failed. */
    private Optional<RunOrder> order(Run run) {
        try {
            return Optional.of(RunOrders.of(run.id(), run.content()));
        } catch (IllegalArgumentException e) {
            Outcome outcome = Outcome.failed("the server cannot execute it: " + e.getMessage());
            observed(run.id(), new Observation.Ended(outcome, clock.wall()));
            return Optional.empty();
        }
    }

    /** Stores what was observed, and tells who follows the run. */
    private Run observed(long id, Observation observation) {
        Run run;
        try {
            run = runs.observed(id, observation);
        } finally {
            followers.changed(id);
        }
        if (observation instanceof Observation.Ended) {
            archiver.add(List.of(id));
        }
        return run;
    }

    /** Archives the log of a run that has ended, then has the executor forget the run. */
    private void archive(long id) throws InterruptedException {
        Executor carrier = executor.orElseThrow();
        Optional<Run> run = runs.find(id);
        if (run.isPresent() && !run.get().state().status().isFinal()) {
            return; // Its end is on its way here.
        }
        if (run.isPresent() && !logs.isDone(run.get())) {
            try (LogReader lines = carrier.logs(id, LogQuery.ALL)) {
                logs.store(run.get(), lines);
            } catch (NoSuchRunException e) {
                logs.store(run.get(), NO_LINES); // Its program never started.
            }
        }
        handover.writeLock().lock();
        try {
            carrier.forget(id);
        } finally {
            handover.writeLock().unlock();
        }
    }

    /**
     * Creates a run, with a buffer for each parameter that has none, and hands it to the executor.
     *
     * @param key of the client; a run that was created with the same key is returned again
     * @throws RunRefusedException if the executor cannot do what is asked for; nothing was created
     */
    public Run create(RunBody asked, Optional<String> key) {
        if (executor.isEmpty()) {
            runs.check(asked);
            throw new ControlException(Kind.INVALID, NO_EXECUTOR);
        }
        Optional<Run> same = key.flatMap(runs::ofKey);
        return carried(executor.get(), same.orElseGet(() -> stored(executor.get(), asked, key)));
    }

    /**
     * A run that has succeeded and did what is asked for: the same codespec, image or executable,
     * and bytes of inputs, and its outputs are there. Reads inputs of which the digest is not known
     * yet. To be followed by {@link #create} if it is empty.
     *
     * @param key as with {@link #create}
     */
    public Optional<Run> answer(RunBody asked, Optional<String> key) {
        return executor.isEmpty()
                ? Optional.empty()
                : runs.answer(
                        asked, codespec -> executor.get().digest(RunOrders.program(codespec)), key);
    }

    private Run stored(Executor carrier, RunBody asked, Optional<String> key) {
        List<String> made = new ArrayList<>();
        Run run;
        try {
            run = runs.create(asked, key, content -> completed(carrier, content, made));
        } catch (ControlException e) {
            // After another fault a crash may still bring the run back, and then it needs them.
            if (e.kind() == Kind.INVALID || e.kind() == Kind.NO_SPACE) {
                giveUp(made, e);
            }
            throw e;
        }
        Collection<String> used = arguments(run.content()).values();
        if (!used.containsAll(made)) {
            made.forEach(this::remove); // Another request with this key was faster.
        }
        return run;
    }

    private RunBody completed(Executor carrier, RunBody content, List<String> made) {
        CodespecBody codespec = Runs.codespec(content);
        Map<String, String> arguments = arguments(content);
        Map<String, String> all = new HashMap<>(arguments);
        List<String> missing =
                CodespecRules.parameters(codespec).stream()
                        .filter(parameter -> !arguments.containsKey(parameter))
                        .toList();
        missing.forEach(parameter -> all.put(parameter, NOT_THERE_YET));
        try {
            carrier.check(RunOrders.of(0, RunOrders.withBuffers(content, all)));
        } catch (IllegalArgumentException e) {
            throw new ControlException(Kind.INVALID, String.valueOf(e.getMessage()), e);
        }
        JobBody job = Objects.requireNonNull(content.job());
        for (String parameter : missing) {
            Map<String, String> tags = new HashMap<>(job.tags() == null ? Map.of() : job.tags());
            tags.put("bufferName", parameter);
            String id = buffers.create(tags, end(job.bufferTtl())).id();
            made.add(id);
            all.put(parameter, id);
        }
        return RunOrders.withBuffers(content, all);
    }

    private Optional<Instant> end(@Nullable Duration life) {
        return Optional.ofNullable(life).map(clock.wall()::plus);
    }

    private static Map<String, String> arguments(RunBody content) {
        return RunOrders.arguments(Runs.codespec(content), Objects.requireNonNull(content.job()));
    }

    private void giveUp(List<String> made, ControlException reason) {
        try {
            made.forEach(this::remove);
        } catch (ControlException e) {
            reason.addSuppressed(e); // The buffers stay; their tags say where they came from.
        }
    }

    private void remove(String id) {
        buffers.delete(id, Optional.of(Duration.ZERO));
    }

    /** Hands a run that is stored to the executor, which does nothing if it has it already. */
    private Run carried(Executor carrier, Run run) {
        handover.readLock().lock();
        try {
            Run still = runs.get(run.id());
            if (still.state().status().isFinal()) {
                return still;
            }
            carrier.start(RunOrders.of(run.id(), run.content()), this::observed);
        } catch (RunRefusedException e) {
            // It was checked before, so the executor is closing: the next server starts the run.
            return run;
        } finally {
            handover.readLock().unlock();
        }
        Run now = runs.get(run.id());
        if (now.state().status() == RunStatus.CANCELING) {
            carrier.cancel(run.id(), CANCELED); // Asked for before the executor had the run.
        }
        return now;
    }

    /** Asks for the end of a run; one that has ended stays as it is. */
    public Run cancel(long id) {
        Run run = observed(id, new Observation.CancelAsked(CANCELED));
        if (run.state().status() == RunStatus.CANCELING) {
            executor.ifPresent(carrier -> carrier.cancel(id, CANCELED));
        }
        return run;
    }

    /**
     * Asks for the end of every run that has waited for its start longer than its timeout. The
     * others that wait are read as well.
     *
     * @param ending asked now and then; if true, the rest is left to the next call
     */
    public void endWaiting(BooleanSupplier ending) {
        if (executor.isEmpty()) {
            return;
        }
        Instant now = clock.wall();
        visit(
                EnumSet.of(RunStatus.PENDING),
                ending,
                run -> {
                    Duration patience =
                            Duration.ofSeconds(
                                    Objects.requireNonNull(run.content().timeoutSeconds()));
                    if (!run.createdAt().plus(patience).isAfter(now)) {
                        endWaiting(executor.get(), run.id());
                    }
                });
    }

    private void endWaiting(Executor carrier, long id) {
        Run asked;
        try {
            asked = runs.cancelPending(id, WAITED);
        } finally {
            followers.changed(id);
        }
        if (asked.state().status() == RunStatus.CANCELING) {
            carrier.cancel(id, WAITED);
        }
    }

    /**
     * Replaces all tags.
     *
     * @param ifMatch the version that is presumed; empty or {@code *}: any
     */
    public Run setTags(long id, Optional<String> ifMatch, Map<String, String> tags) {
        try {
            return runs.setTags(id, ifMatch, tags);
        } finally {
            followers.changed(id);
        }
    }

    /** Waits for changes of a run, whether or not it exists. */
    public RunFollower follow(long id) {
        return followers.follow(id);
    }

    /**
     * Opens the log of a run: that of the executor, or the archived one.
     *
     * @throws NoSuchRunException if there is none, or it has expired
     */
    public LogReader logs(long id, LogQuery query) {
        Optional<LogReader> archived = logs.open(runs.get(id), query);
        if (archived.isPresent()) {
            return archived.get();
        }
        Supplier<Optional<LogReader>> later = () -> logs.open(runs.get(id), query);
        try {
            return new ServedLog(
                    executor.orElseThrow(() -> new NoSuchRunException(id)).logs(id, query), later);
        } catch (NoSuchRunException e) {
            return later.get().orElseThrow(() -> e); // It went there meanwhile.
        }
    }

    /** The relay of an ephemeral buffer; empty if its run is not being executed. */
    public Optional<Relay> relay(RelayId id) {
        return executor.flatMap(carrier -> carrier.relay(id.run(), id.text()));
    }

    /** Why logs are not archived, if that is so. */
    public Optional<Throwable> fault() {
        return archiver.fault();
    }

    /** Starts no more programs and waits until none runs, for {@code patience} at most. */
    public void drain(Duration patience) throws InterruptedException {
        if (executor.isPresent()) {
            executor.get().drain(patience);
        }
    }

    /** Ends what does not outlive the server; blocks until its end is stored. */
    @Override
    public void close() {
        archiver.close(); // What is left, the next server archives.
        executor.ifPresent(Executor::close);
    }
}
