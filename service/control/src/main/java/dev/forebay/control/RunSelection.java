package dev.forebay.control;

import dev.forebay.control.RunFilter.Label;
import dev.forebay.control.RunFilter.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * The SQL that finds runs by a filter, and the values of its parameters.
 *
 * <p>The rows come from one index, called {@code x}, which is in the order of the listing for each
 * state: that of one label, that of a label's key, that of ends, or that of all runs. A page takes
 * its first rows from the index of each state and merges these, which are at most six pages. Every
 * other label is one look-up for a row.
 *
 * <p><b>Order.</b> By the time of creation, newest first; by the time of the end if a range of ends
 * is asked for, so that such a page is read from an index, too.
 *
 * <p><b>Limit.</b> Labels that are frequent each and rare together, or a rare label in a wide range
 * of ends, make it read all rows of {@code x}. Not safe for use by many threads.
 */
final class RunSelection {
    private final RunFilter filter;
    private final boolean byEnd;
    private final String from;
    private final String id;
    private final StringBuilder where = new StringBuilder();
    private final Map<String, Object> values = new HashMap<>();

    /**
     * @param lead the label whose index is read; null if there is none, or ends are asked for
     */
    RunSelection(RunFilter filter, @Nullable Label lead, boolean listed) {
        this.filter = filter;
        this.byEnd = listed && !filter.finished().isAll();
        boolean labels = !byEnd && (lead != null || !filter.tagKeys().isEmpty());
        this.from = labels ? "run_labels" : "runs";
        this.id = labels ? "x.run_id" : "x.id";
        List<Label> exact = new ArrayList<>(filter.labels());
        List<String> keys = new ArrayList<>(filter.tagKeys());
        if (labels && lead != null) {
            exact.remove(lead);
            where.append(" and x.label_key = :leadKey and x.label_value = :leadValue");
            values.put("leadKey", lead.key());
            values.put("leadValue", lead.value());
        } else if (labels) {
            where.append(" and x.label_key = :leadKey");
            values.put("leadKey", keys.removeLast());
        }
        within("x.created_at", filter.created(), !byEnd);
        if (byEnd) {
            within("x.finished_at", filter.finished(), true);
        } else if (!filter.finished().isAll()) {
            String x = labels ? "r" : "x";
            where.append(labels ? " and exists (select 1 from runs r where r.id = x.run_id" : "");
            within(x + ".finished_at", filter.finished(), true);
            where.append(labels ? ")" : "");
        }
        exact.forEach(label -> {
            probe(label.key(), " and u.label_value = :value" + values.size());
            values.put("value" + (values.size() - 1), label.value());
        });
        keys.forEach(key -> probe(key, ""));
    }

    /** A lower end is always there where an index is read: a partial index needs one. */
    private void within(String column, Range range, boolean always) {
        String name = "t" + values.size();
        if (always || range.after().isPresent()) {
            where.append(" and %s > :%sa".formatted(column, name));
            values.put(name + "a", range.after().map(Micros::of).orElse(Long.MIN_VALUE));
        }
        if (range.before().isPresent()) {
            where.append(" and %s < :%sb".formatted(column, name));
            values.put(name + "b", Micros.of(range.before().get()));
        }
    }

    private void probe(String key, String andValue) {
        String name = "key" + values.size();
        where.append(
                """

                and exists (select 1 from run_labels u
                    where u.run_id = %s and u.label_key = :%s%s)\
                """
                        .formatted(id, name, andValue));
        values.put(name, key);
    }

    /** A page: IDs and their places, at most {@code :limit} behind {@code before}. */
    String page(RunPlace before) {
        String column = byEnd ? "x.finished_at" : "x.created_at";
        values.put("micros", before.micros());
        values.put("id", before.id());
        String branch =
                """
                select * from (select %1$s as id, %2$s as place from %3$s x
                    where x.status = %%d and (%2$s, %1$s) < (:micros, :id)%4$s
                    order by %2$s desc, %1$s desc limit :limit) s%%1$d\
                """
                        .formatted(id, column, from, where);
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
        return "select x.status, count(*) from %s x where x.status in (%s)%s group by x.status"
                .formatted(from, states, where);
    }

    <S extends SqlStatement<S>> S bind(S statement) {
        return statement.bindMap(values);
    }
}
