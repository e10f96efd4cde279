package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.control.RunFilter.Label;
import dev.forebay.run.RunState;
import dev.forebay.run.RunStatus;
import dev.forebay.wire.Json;
import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.RunBody;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * The SQL of runs: the runs, and their labels, which are tags and codespecs. A row of the labels
 * repeats the status, the age and the end of its run; {@link #setState} is the only place that
 * changes these, in both. Safe for use by many threads.
 */
final class RunTable {
    /** How many rows of a label are read to find out how frequent it is; that many are sorted. */
    private static final int SAMPLE = 10_000;

    /** From about here on, two lists cost less than one and its look-ups. */
    private static final int MANY = 50_000;

    private static final String COLUMNS =
            "b.id, b.created_at, b.started_at, b.finished_at, b.status, b.reason, b.running_count, b.content";

    private final Dialect dialect;
    private final int many;

    RunTable(Dialect dialect) {
        this(dialect, MANY);
    }

    /**
     * @param many labels that all have as many runs are read side by side, and not looked up
     */
    RunTable(Dialect dialect, int many) {
        this.dialect = dialect;
        this.many = many;
    }

    /** The number of a new run; other transactions wait here until this one ends. */
    long nextNumber(Handle handle) {
        handle.createUpdate("update run_numbers set latest = latest + 1").execute();
        return handle.createQuery("select latest from run_numbers").mapTo(Long.class).one();
    }

    /** As {@link #nextNumber}, and the number is left. */
    long lockNumber(Handle handle) {
        handle.createUpdate("update run_numbers set latest = latest").execute();
        return handle.createQuery("select latest from run_numbers").mapTo(Long.class).one();
    }

    Optional<Long> ofKey(Handle handle, String key) {
        return handle.createQuery("select run_id from run_keys where client_key = :key")
                .bind("key", key)
                .mapTo(Long.class)
                .findOne();
    }

    void insertKey(Handle handle, String key, long id) {
        handle.createUpdate("insert into run_keys (client_key, run_id) values (:key, :id)")
                .bind("key", key)
                .bind("id", id)
                .execute();
    }

    void insert(Handle handle, Run run, List<Label> codespecs) {
        handle.createUpdate(
                        """
                        insert into runs (id, created_at, started_at, finished_at, status, reason,
                            running_count, content)
                        values (:id, :created, :started, :finished, :status, :reason, :running,
                            :content)\
                        """)
                .bind("id", run.id())
                .bind("created", Micros.of(run.createdAt()))
                .bind("content", new String(Json.write(run.content()), UTF_8))
                .bindMap(columns(run.state()))
                .execute();
        insertLabels(handle, run, codespecs);
        insertTags(handle, run);
    }

    private static Map<String, @Nullable Object> columns(RunState state) {
        Map<String, @Nullable Object> columns = new HashMap<>();
        columns.put("status", StatusCode.of(state.status()));
        columns.put("reason", state.reason().orElse(null));
        columns.put("running", state.running());
        columns.put("started", state.startedAt().map(Micros::of).orElse(null));
        columns.put("finished", state.finishedAt().map(Micros::of).orElse(null));
        return columns;
    }

    private static void insertTags(Handle handle, Run run) {
        insertLabels(
                handle,
                run,
                run.tags().entrySet().stream()
                        .map(tag -> new Label(tag.getKey(), tag.getValue()))
                        .toList());
    }

    private static void insertLabels(Handle handle, Run run, List<Label> labels) {
        if (labels.isEmpty()) {
            return;
        }
        var batch =
                handle.prepareBatch(
                        """
                        insert into run_labels (label_key, label_value, status, created_at, run_id,
                            finished_at)
                        values (:key, :value, :status, :created, :id, :finished)\
                        """);
        labels.forEach(label ->
                batch.bind("key", label.key())
                        .bind("value", label.value())
                        .bind("status", StatusCode.of(run.state().status()))
                        .bind("created", Micros.of(run.createdAt()))
                        .bind("id", run.id())
                        .bind("finished", run.state().finishedAt().map(Micros::of).orElse(null))
                        .add());
        batch.execute();
    }

    /** Stores how far a run is. */
    void setState(Handle handle, long id, RunState state) {
        handle.createUpdate(
                        """
                        update runs set started_at = :started, finished_at = :finished,
                            status = :status, reason = :reason, running_count = :running
                        where id = :id\
                        """)
                .bind("id", id)
                .bindMap(columns(state))
                .execute();
        handle.createUpdate(
                        """
                        update run_labels set status = :status, finished_at = :finished
                        where run_id = :id and status <> :status\
                        """)
                .bind("id", id)
                .bind("status", StatusCode.of(state.status()))
                .bind("finished", state.finishedAt().map(Micros::of).orElse(null))
                .execute();
    }

    /** Puts the tags of {@code run} in the place of those that are stored. */
    void setTags(Handle handle, Run run) {
        handle.createUpdate("delete from run_labels where run_id = :id and label_key not like '=%'")
                .bind("id", run.id())
                .execute();
        insertTags(handle, run);
    }

    Optional<Run> find(Handle handle, long id) {
        return runs(handle, List.of(id)).stream().findFirst();
    }

    /** The same, and no other transaction changes it before this one ends. */
    Optional<Run> findLocked(Handle handle, long id) {
        if (!dialect.rowLock().isEmpty()) {
            handle.createQuery("select b.id from runs b where b.id = :id" + dialect.rowLock())
                    .bind("id", id)
                    .mapTo(Long.class)
                    .list();
        }
        return find(handle, id);
    }

    private static List<Run> runs(Handle handle, List<Long> ids) {
        Map<Long, Map<String, String>> tags = new HashMap<>();
        handle.createQuery(
                        """
                        select l.run_id, l.label_key, l.label_value from run_labels l
                        where l.run_id in (<ids>)\
                        """)
                .bindList("ids", ids)
                .map((found, context) -> {
                    if (RunReference.isTag(found.getString(2))) {
                        tags.computeIfAbsent(found.getLong(1), any -> new HashMap<>())
                                .put(found.getString(2), found.getString(3));
                    }
                    return 0;
                })
                .list();
        return handle.createQuery("select %s from runs b where b.id in (<ids>)".formatted(COLUMNS))
                .bindList("ids", ids)
                .map((found, context) -> run(found, tags.getOrDefault(found.getLong(1), Map.of())))
                .list();
    }

    private static Run run(ResultSet found, Map<String, String> tags) throws SQLException {
        RunState state =
                new RunState(
                        StatusCode.read(found.getInt(5)),
                        Optional.ofNullable(found.getString(6)),
                        found.getInt(7),
                        time(found, 3),
                        time(found, 4));
        return new Run(
                found.getLong(1),
                Micros.toInstant(found.getLong(2)),
                state,
                tags,
                Json.read(found.getString(8).getBytes(UTF_8), RunBody.class));
    }

    private static Optional<Instant> time(ResultSet found, int column) throws SQLException {
        long micros = found.getLong(column);
        return found.wasNull() ? Optional.empty() : Optional.of(Micros.toInstant(micros));
    }

    /** From now on the run may answer for others; it has succeeded. */
    void insertAnswer(Handle handle, Run run, String executed) {
        CodespecBody codespec = Runs.codespec(run.content());
        Map<String, String> arguments =
                RunOrders.arguments(codespec, Objects.requireNonNull(run.content().job()));
        Map<String, String> inputs = new HashMap<>();
        for (String input : CodespecRules.inputs(codespec)) {
            BufferDigests.find(handle, Objects.requireNonNull(arguments.get(input)))
                    .ifPresent(digest -> inputs.put(input, digest.sha256()));
        }
        boolean known = inputs.size() == CodespecRules.inputs(codespec).size();
        handle.createUpdate(
                        "insert into run_answers (run_id, program, inputs) values (:id, :program, :inputs)")
                .bind("id", run.id())
                .bind("program", RunKey.program(codespec, executed))
                .bind("inputs", known ? RunKey.inputs(inputs) : null)
                .execute();
    }

    /** The latest first. */
    List<Run> answers(Handle handle, String program, String inputs, int limit) {
        return newestFirst(
                handle,
                handle.createQuery(
                                """
                                select a.run_id from run_answers a
                                where a.program = :program and a.inputs = :inputs
                                order by a.run_id desc limit :limit\
                                """)
                        .bind("inputs", inputs),
                program,
                limit);
    }

    /** The latest first. */
    List<Run> withUnknownInputs(Handle handle, String program, int limit) {
        return newestFirst(
                handle,
                handle.createQuery(
                        """
                        select a.run_id from run_answers a
                        where a.program = :program and a.inputs is null
                        order by a.run_id desc limit :limit\
                        """),
                program,
                limit);
    }

    private static List<Run> newestFirst(Handle handle, Query query, String program, int limit) {
        List<Long> ids =
                query.bind("program", program).bind("limit", limit).mapTo(Long.class).list();
        if (ids.isEmpty()) {
            return List.of();
        }
        return runs(handle, ids).stream()
                .sorted(Comparator.comparingLong(Run::id).reversed())
                .toList();
    }

    int setInputs(Handle handle, long id, String inputs) {
        return handle.createUpdate("update run_answers set inputs = :inputs where run_id = :id")
                .bind("id", id)
                .bind("inputs", inputs)
                .execute();
    }

    /** A run and its place in a listing. */
    record Listed(Run run, RunPlace place) {}

    /** At most {@code limit} behind {@code before}, newest first. */
    List<Listed> list(Handle handle, RunFilter filter, RunPlace before, int limit) {
        boolean byEnd = !filter.finished().isAll();
        RunSelection selection = new RunSelection(filter, read(handle, filter, byEnd), true);
        RunPlace from =
                (byEnd ? filter.finished() : filter.created())
                        .before()
                        .map(end -> before.orBefore(Micros.of(end)))
                        .orElse(before);
        String sql = selection.page(from);
        Map<Long, RunPlace> places = new HashMap<>();
        selection
                .bind(handle.createQuery(sql))
                .bind("limit", limit)
                .map((found, context) ->
                        places.put(
                                found.getLong(1), new RunPlace(found.getLong(2), found.getLong(1))))
                .list();
        if (places.isEmpty()) {
            return List.of();
        }
        return runs(handle, List.copyOf(places.keySet())).stream()
                .map(run -> new Listed(run, Objects.requireNonNull(places.get(run.id()))))
                .sorted(
                        Comparator.comparingLong((Listed each) -> each.place.micros())
                                .thenComparingLong(each -> each.place.id())
                                .reversed())
                .toList();
    }

    /** How many there are of each state, without those of which there are none. */
    Map<RunStatus, Long> counts(Handle handle, RunFilter filter) {
        Map<RunStatus, Long> counts = new EnumMap<>(RunStatus.class);
        RunSelection selection =
                new RunSelection(filter, lead(handle, filter, false).stream().toList(), false);
        selection
                .bind(handle.createQuery(selection.counts()))
                .map((found, context) ->
                        counts.put(StatusCode.read(found.getInt(1)), found.getLong(2)))
                .list();
        return counts;
    }

    /**
     * The labels and keys whose lists a page reads: the rarest one, or all if each is frequent. Two
     * lists side by side cost less than a look-up for each row of one.
     */
    private List<RequiredTag> read(Handle handle, RunFilter filter, boolean byEnd) {
        List<RequiredTag> all = RunSelection.leads(filter);
        // The list of a key is in the order of creation only.
        boolean merging =
                dialect.mergesIntersections()
                        && all.size() > 1
                        && !(byEnd && all.stream().anyMatch(each -> each.value().isEmpty()))
                        && all.stream().allMatch(each -> sample(handle, each, many) == many);
        return merging ? all : lead(handle, filter, byEnd).stream().toList();
    }

    /**
     * The label or key of which there are the fewest runs; empty if none is required, or if the
     * order is that of ends and only keys are required that are too frequent to sort.
     */
    private static Optional<RequiredTag> lead(Handle handle, RunFilter filter, boolean byEnd) {
        List<RequiredTag> leads = RunSelection.leads(filter);
        if (leads.size() < 2 && !byEnd) {
            return leads.stream().findFirst();
        }
        Map<RequiredTag, Integer> sizes = new HashMap<>();
        leads.forEach(each -> sizes.put(each, sample(handle, each, SAMPLE)));
        // Of two that are frequent the one with a value: its index is in either order.
        return leads.stream()
                .min(
                        Comparator.comparing((RequiredTag each) -> sizes.get(each))
                                .thenComparing(each -> each.value().isEmpty()))
                .filter(each ->
                        !byEnd
                                || each.value().isPresent()
                                || Objects.requireNonNull(sizes.get(each)) < SAMPLE);
    }

    private static int sample(Handle handle, RequiredTag lead, int most) {
        String value = lead.value().isPresent() ? " and x.label_value = :value" : "";
        return handle.createQuery(
                        """
                        select count(*) from (select 1 from run_labels x
                            where x.label_key = :key%s limit :sample) s\
                        """
                                .formatted(value))
                .bind("key", lead.key())
                .bindMap(lead.value().map(each -> Map.of("value", each)).orElse(Map.of()))
                .bind("sample", most)
                .mapTo(Integer.class)
                .one();
    }
}
