package dev.forebay.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * The SQL that finds runs by a filter, and the values of its parameters.
 *
 * <p>The rows come from one index, called {@code x}, which is in the order of the listing for each
 * state: that of one label, by age or by end, that of a label's key, that of ends, or that of all
 * runs. A page takes its first rows from the index of each state and merges these, which are at
 * most six pages. Every other label is one look-up for a row, or a list of its own that is read
 * side by side with that of {@code x}. The look-up gives state and age too, although run and key
 * would do: so it finds its row near the row before it, where an index by run would be read at a
 * random place each time. {@code +u.run_id} keeps SQLite from choosing that index.
 *
 * <p><b>Order.</b> By the time of creation, newest first; by the time of the end if a range of ends
 * is asked for, so that such a page is read from an index, too.
 *
 * <p><b>Limit.</b> Labels that are frequent each and rare together make it read all rows of {@code
 * x}, or of their lists. The runs with a key of a tag and any value that ended within a time are
 * sorted if there are few of the key, and looked for among all ends if there are many. Not safe for
 * use by many threads.
 */
final class RunSelection {
    private final RunFilter filter;
    private final boolean byEnd;
    private final boolean labels;
    private final String from;
    private final String id;
    private final StringBuilder where = new StringBuilder();

    /** The condition of each label whose list is read; of none, all runs are read. */
    private final List<String> lists = new ArrayList<>();

    private final Map<String, Object> values = new HashMap<>();

    /**
     * @param read those of the labels and keys of the filter whose lists are read, each in the
     *     order of the listing; the others are looked up. If none is, all runs are {@code x}
     * @param listed whether it is a page, whose order is that of ends if a range of ends is asked
     *     for
     */
    RunSelection(RunFilter filter, List<RequiredTag> read, boolean listed) {
        this.filter = filter;
        this.byEnd = listed && !filter.finished().isAll();
        this.labels = !read.isEmpty();
        this.from = labels ? "run_labels" : "runs";
        this.id = labels ? "x.run_id" : "x.id";
        read.forEach(each -> lists.add(" and " + label("x", each)));
        within("x.created_at", filter.created(), false);
        within("x.finished_at", filter.finished(), byEnd);
        List<RequiredTag> others = leads(filter);
        others.removeAll(read);
        others.forEach(this::probe);
    }

    /** What could lead: every label and key that a run must have. */
    static List<RequiredTag> leads(RunFilter filter) {
        List<RequiredTag> leads = new ArrayList<>();
        filter.labels()
                .forEach(label ->
                        leads.add(new RequiredTag(label.key(), Optional.of(label.value()))));
        filter.tagKeys().forEach(key -> leads.add(new RequiredTag(key, Optional.empty())));
        return leads;
    }

    /**
     * With {@code always}, a lower end is always there: the index of ends is partial, and needs
     * one.
     */
    private void within(String column, TimeRange range, boolean always) {
        String name = "t" + values.size();
        if (always || !range.isAll()) {
            where.append(" and %s > :%sa".formatted(column, name));
            values.put(name + "a", range.after().map(Micros::of).orElse(Long.MIN_VALUE));
        }
        if (range.before().isPresent()) {
            where.append(" and %s < :%sb".formatted(column, name));
            values.put(name + "b", Micros.of(range.before().get()));
        }
    }

    private String label(String row, RequiredTag label) {
        String name = ":p" + values.size();
        values.put(name.substring(1) + "k", label.key());
        label.value().ifPresent(value -> values.put(name.substring(1) + "v", value));
        String key = "%s.label_key = %sk".formatted(row, name);
        return label.value().isEmpty()
                ? key
                : "%s and %s.label_value = %sv".formatted(key, row, name);
    }

    private void probe(RequiredTag label) {
        where.append("\nand exists (select 1 from run_labels u where ")
                .append(label("u", label))
                .append(
                        labels
                                ? " and u.status = x.status and u.created_at = x.created_at and +u.run_id = x.run_id)"
                                : " and u.run_id = x.id)");
    }

    /** A page: IDs and their places, at most {@code :limit} behind {@code before}. */
    String page(RunPlace before) {
        String column = byEnd ? "x.finished_at" : "x.created_at";
        values.put("micros", before.micros());
        values.put("id", before.id());
        String list =
                """
                select %1$s as id, %2$s as place from %3$s x
                    where x.status = %%1$d and (%2$s, %1$s) < (:micros, :id)%4$s\
                """
                        .formatted(id, column, from, where);
        String branch =
                (lists.isEmpty() ? List.of("") : lists)
                        .stream()
                                .map(label -> list + label)
                                .collect(
                                        Collectors.joining(
                                                "\nintersect ",
                                                "select * from (",
                                                "\norder by place desc, id desc limit :limit) s%1$d"));
        return filter.states().stream()
                .sorted()
                .map(status -> branch.formatted(StatusCode.of(status)))
                .collect(
                        Collectors.joining(
                                "\nunion all\n",
                                "select p.id, p.place from (",
                                ") p order by p.place desc, p.id desc limit :limit"));
    }

    /** How many of each state. */
    String counts() {
        String states =
                filter.states().stream()
                        .sorted()
                        .map(status -> Integer.toString(StatusCode.of(status)))
                        .collect(Collectors.joining(", "));
        return "select x.status, count(*) from %s x where x.status in (%s)%s%s group by x.status"
                .formatted(from, states, where, String.join("", lists));
    }

    <S extends SqlStatement<S>> S bind(S statement) {
        return statement.bindMap(values);
    }
}
