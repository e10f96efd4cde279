package dev.forebay.datalog.export;

import dev.forebay.bddf.Pod;
import java.util.List;

/**
 * A schema and the source of its ticks, or a series of plain numbers that belongs to no schema.
 *
 * @param number of the signal in the export, from 0
 * @param name of the schema
 * @param source who sent the ticks; may be empty
 * @param schema the number of the schema, in hexadecimal; empty for a series without one
 */
record Signal(int number, String name, String source, String schema, List<Variable> variables) {
    record Variable(String name, Pod pod) {}

    Signal {
        variables = List.copyOf(variables);
    }
}
