package dev.forebay.control;

import dev.forebay.base.Clock;
import dev.forebay.control.ControlException.Kind;
import dev.forebay.run.Observation;
import dev.forebay.run.RelayId;
import dev.forebay.run.RunState;
import dev.forebay.run.RunStatus;
import dev.forebay.wire.BufferId;
import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.CodespecReference;
import dev.forebay.wire.control.JobBody;
import dev.forebay.wire.control.RunBody;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;

/**
 * The catalogue of runs: what was asked to be executed, how far it is, and how it ended.
 *
 * <p><b>Guarantee.</b> What a method returns from is committed. A final state is reached once:
 * whatever is reported of a run later changes nothing. Of creations with one key exactly one makes
 * a run, and all return it.
 *
 * <p><b>Limit.</b> It executes nothing: {@link RunService} hands to an executor what {@link
 * #create} returns, and what is observed then to {@link #observed}.
 *
 * <p>Source of the rules: section 2.11 of the wire reference. Safe for use by many threads; blocks
 * on the database. A refusal is a {@link ControlException}.
 */
public final class Runs {
    private static final int MOST_ON_A_PAGE = 2000;
    private static final int LONGEST_KEY = 255;

    private final Database database;
    private final RunTable table;
    private final RunRequest request;
    private final RunAnswers answers;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    public Runs(Database database, Clock clock, Codespecs codespecs, Buffers buffers) {
        this(database, clock, codespecs, buffers, new RunTable(database.dialect()));
    }

    Runs(Database database, Clock clock, Codespecs codespecs, Buffers buffers, RunTable table) {
        this.database = database;
        this.table = table;
        this.request = new RunRequest(codespecs, buffers);
        this.answers = new RunAnswers(this, buffers, new BufferDigests(database, buffers));
        this.clock = clock;
    }

    private Instant now() {
        return micros(clock.wall());
    }

    /** Refuses what {@link #create} would refuse. */
    public void check(RunBody asked) {
        request.resolved(asked);
    }

    /**
     * A run that has succeeded and did what is asked for, if there is one.
     *
     * @param executed gives the digest of what would be executed; empty: not known
     * @param key of the client, which is that of the run from then on; one that has a run already
     *     finds none here
     */
    Optional<Run> answer(
            RunBody asked,
            Function<CodespecBody, Optional<String>> executed,
            Optional<String> key) {
        checkKey(key);
        RunBody content = request.resolved(asked);
        if (key.flatMap(this::ofKey).isPresent()) {
            return Optional.empty();
        }
        Optional<Run> found =
                executed.apply(codespec(content)).flatMap(digest -> answers.find(content, digest));
        if (found.isPresent() && key.isPresent()) {
            long id = found.get().id();
            boolean kept = database.write(handle -> keep(handle, key.get(), id));
            return kept ? found : Optional.empty();
        }
        return found;
    }

    /** False if another run was faster to have the key. */
    private boolean keep(Handle handle, String key, long id) {
        long _ = table.lockNumber(handle);
        if (table.ofKey(handle, key).isPresent()) {
            return false;
        }
        table.insertKey(handle, key, id);
        return true;
    }

    /** Runs that did what such runs do, the latest first, as far as their inputs are known. */
    List<Run> answers(String program, String inputs, int limit) {
        return database.read(handle -> table.answers(handle, program, inputs, limit));
    }

    /** Runs of the same program of which it is not known what their inputs hold. */
    List<Run> withUnknownInputs(String program, int limit) {
        return database.read(handle -> table.withUnknownInputs(handle, program, limit));
    }

    /** Stores what the inputs of a run hold. */
    void setInputs(long id, String inputs) {
        int _ = database.write(handle -> table.setInputs(handle, id, inputs));
    }

    /** The run that was created with this key of a client. */
    Optional<Run> ofKey(String key) {
        return database.read(
                handle -> table.ofKey(handle, key).flatMap(each -> table.find(handle, each)));
    }

    /**
     * A new run, which is pending.
     *
     * @param key of the client; a run that was created with the same key is returned again
     * @param completion what is to be stored, from what was asked for with its defaults
     */
    public Run create(RunBody asked, Optional<String> key, UnaryOperator<RunBody> completion) {
        checkKey(key);
        RunBody content = completion.apply(request.resolved(asked));
        Map<String, String> tags = asked.tags() == null ? Map.of() : asked.tags();
        Instant now = now();
        return database.write(handle -> {
            long id = table.nextNumber(handle);
            Optional<Run> same =
                    key.flatMap(each -> table.ofKey(handle, each))
                            .flatMap(each -> table.find(handle, each));
            if (same.isPresent()) {
                return same.get();
            }
            Run run = new Run(id, now, RunState.pending(), tags, withRelays(content, id));
            table.insert(handle, run, RunReference.labels(codespec(content)));
            key.ifPresent(each -> table.insertKey(handle, each, id));
            return run;
        });
    }

    /** Names the ephemeral buffers of a run. */
    private RunBody withRelays(RunBody content, long id) {
        Map<String, String> arguments =
                new HashMap<>(
                        RunOrders.arguments(
                                codespec(content), Objects.requireNonNull(content.job())));
        if (!arguments.containsValue(RunRequest.NOT_STORED)) {
            return content;
        }
        arguments.replaceAll((_, buffer) ->
                buffer.equals(RunRequest.NOT_STORED)
                        ? new RelayId(id, BufferId.random(random)).text()
                        : buffer);
        return RunOrders.withBuffers(content, arguments);
    }

    private static void checkKey(Optional<String> key) {
        if (key.isPresent() && key.get().length() > LONGEST_KEY) {
            throw new ControlException(
                    Kind.INVALID,
                    "expected an idempotency key of at most %d characters, found %d"
                            .formatted(LONGEST_KEY, key.get().length()));
        }
    }

    /** The codespec of the job of a run that is stored. */
    static CodespecBody codespec(RunBody content) {
        CodespecReference resolved = Objects.requireNonNull(content.job()).codespec();
        return Objects.requireNonNull(Objects.requireNonNull(resolved).inline());
    }

    public Run get(long id) {
        return find(id).orElseThrow(() -> notFound(id));
    }

    Optional<Run> find(long id) {
        return database.read(handle -> table.find(handle, id));
    }

    /** The run of an ephemeral buffer. */
    public Optional<Run> ofRelay(RelayId id) {
        return find(id.run())
                .filter(run -> {
                    JobBody job = Objects.requireNonNull(run.content().job());
                    return job.buffers() != null && job.buffers().containsValue(id.text());
                });
    }

    private static ControlException notFound(long id) {
        return new ControlException(Kind.NOT_FOUND, "The run '%d' was not found".formatted(id));
    }

    /**
     * A page of a listing: by creation, newest first; by their ends, newest first, if the filter
     * has a range of ends.
     *
     * @param limit how many runs at most; more than 2000 counts as 2000
     * @param continuation what an earlier page of the same listing gave
     */
    public RunPage list(RunFilter filter, int limit, Optional<String> continuation) {
        if (limit < 0) {
            throw new ControlException(Kind.INVALID, "Limit must be a non-negative integer.");
        }
        RunPlace before = continuation.map(RunPlace::decode).orElse(RunPlace.START);
        if (limit == 0 || !filter.canMatch()) {
            return new RunPage(List.of(), Optional.empty());
        }
        int most = Math.min(limit, MOST_ON_A_PAGE);
        List<RunTable.Listed> found =
                database.read(handle -> table.list(handle, filter, before, most + 1));
        List<Run> runs = found.stream().limit(most).map(RunTable.Listed::run).toList();
        return new RunPage(
                runs,
                found.size() <= most
                        ? Optional.empty()
                        : Optional.of(found.get(most - 1).place().encode()));
    }

    /** How many match of each state, without states of which there are none. */
    public Map<RunStatus, Long> counts(RunFilter filter) {
        return filter.canMatch() ? database.read(handle -> table.counts(handle, filter)) : Map.of();
    }

    /**
     * Replaces all tags.
     *
     * @param ifMatch the version that is presumed; empty or {@code *}: any
     */
    public Run setTags(long id, Optional<String> ifMatch, Map<String, String> tags) {
        Tags.check(tags);
        return database.write(handle -> {
            Run run = locked(handle, id);
            ETag.check(ifMatch, run.eTag());
            Run changed = new Run(id, run.createdAt(), run.state(), tags, run.content());
            table.setTags(handle, changed);
            return changed;
        });
    }

    private Run locked(Handle handle, long id) {
        return table.findLocked(handle, id).orElseThrow(() -> notFound(id));
    }

    /**
     * Stores what was observed of a run: its state is {@link RunState#after} that. Without effect
     * if the run has reached a final state.
     *
     * @return the run as it is then
     */
    public Run observed(long id, Observation observation) {
        Observation storable = storable(observation);
        return database.write(handle -> {
            Run run = locked(handle, id);
            RunState next = run.state().after(storable);
            if (next.equals(run.state())) {
                return run;
            }
            table.setState(handle, id, next);
            if (storable instanceof Observation.Ended(_, _, var program)
                    && next.status() == RunStatus.SUCCEEDED
                    && program.isPresent()) {
                table.insertAnswer(handle, run, program.get());
            }
            return new Run(id, run.createdAt(), next, run.tags(), run.content());
        });
    }

    /** Asks for the end of a run if it is pending still; else it stays as it is. */
    Run cancelPending(long id, String reason) {
        return database.write(handle -> {
            Run run = locked(handle, id);
            if (run.state().status() != RunStatus.PENDING) {
                return run;
            }
            RunState next = run.state().after(new Observation.CancelAsked(reason));
            table.setState(handle, id, next);
            return new Run(id, run.createdAt(), next, run.tags(), run.content());
        });
    }

    /** The same with a time that the catalogue returns as it was. */
    private static Observation storable(Observation observation) {
        return switch (observation) {
            case Observation.Started(Instant at) -> new Observation.Started(micros(at));
            case Observation.CancelAsked same -> same;
            case Observation.Ended(var outcome, Instant at, var program) ->
                    new Observation.Ended(outcome, micros(at), program);
        };
    }

    private static Instant micros(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }
}
