package dev.forebay.bench;

import java.util.List;

/**
 * One measured figure.
 *
 * @param what the work that was measured; unique within a suite
 * @param level of durability, or {@code –} where the work stores nothing
 * @param value in {@code unit}, 0 or more
 * @param yardstick whether it is another program's figure, measured for comparison
 * @param beside the yardstick's value in the same unit and process, or 0 if there is none
 * @param goal the worst value that is good enough, or 0 if there is no goal
 */
public record Figure(
        String what,
        String level,
        double value,
        Unit unit,
        boolean yardstick,
        double beside,
        double goal) {
    /** What a line of {@link #toLine} begins with. */
    private static final String MARK = "figure";

    public Figure {
        if (!(value >= 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException(
                    "expected a figure of 0 or more for '%s', found %s".formatted(what, value));
        }
    }

    /** A figure of Forebay's. */
    public static Figure ours(String what, String level, double value, Unit unit) {
        return new Figure(what, level, value, unit, false, 0, 0);
    }

    /** A figure of another program. */
    public static Figure yardstick(String what, String level, double value, Unit unit) {
        return new Figure(what, level, value, unit, true, 0, 0);
    }

    public Figure value(double measured) {
        return new Figure(what, level, measured, unit, yardstick, beside, goal);
    }

    public Figure beside(Figure other) {
        return new Figure(what, level, value, unit, yardstick, other.value, goal);
    }

    public Figure goal(double worst) {
        return new Figure(what, level, value, unit, yardstick, beside, worst);
    }

    /** What the "Goal" column shows for {@code reached}; empty without a goal. */
    public String goalBeside(double reached) {
        if (goal == 0) {
            return "";
        }
        boolean met = unit.moreIsBetter() ? reached >= goal : reached <= goal;
        return "%s %s, %s"
                .formatted(
                        unit.moreIsBetter() ? "≥" : "≤", unit.format(goal), met ? "met" : "missed");
    }

    /** One line that {@link #parse} reads; this is how a process hands its figures on. */
    public String toLine() {
        return String.join(
                "\t",
                MARK,
                what,
                level,
                Double.toString(value),
                unit.name(),
                Boolean.toString(yardstick),
                Double.toString(beside),
                Double.toString(goal));
    }

    /** The figure of a line that {@link #toLine} made; empty for any other line. */
    public static List<Figure> parse(String line) {
        String[] parts = line.split("\t", -1);
        if (parts.length != 8 || !parts[0].equals(MARK)) {
            return List.of();
        }
        return List.of(
                new Figure(
                        parts[1],
                        parts[2],
                        Double.parseDouble(parts[3]),
                        Unit.valueOf(parts[4]),
                        Boolean.parseBoolean(parts[5]),
                        Double.parseDouble(parts[6]),
                        Double.parseDouble(parts[7])));
    }
}
