package dev.forebay.bench;

import java.util.Locale;

/** What a figure counts, and in which direction it is better. */
public enum Unit {
    RECORDS_PER_SECOND(true),
    BYTES_PER_SECOND(true),
    PER_SECOND(true),
    MILLISECONDS(false),
    BYTES_PER_RECORD(false),
    FORCES_PER_ADD(false),
    COUNT(false),
    CPU_SECONDS_PER_GIB(false),
    MEBIBYTES(false),
    PERCENT_OF_A_CORE(false),
    PERCENT(true);

    private final boolean moreIsBetter;

    Unit(boolean moreIsBetter) {
        this.moreIsBetter = moreIsBetter;
    }

    public boolean moreIsBetter() {
        return moreIsBetter;
    }

    /** A value with its unit, as tables show it. */
    public String format(double value) {
        return switch (this) {
            case RECORDS_PER_SECOND -> scaled(value) + " records/s";
            case BYTES_PER_SECOND -> String.format(Locale.ROOT, "%.2f GB/s", value / 1e9);
            case PER_SECOND -> String.format(Locale.ROOT, "%.0f /s", value);
            case MILLISECONDS ->
                    String.format(Locale.ROOT, value < 10 ? "%.2f ms" : "%.0f ms", value);
            case BYTES_PER_RECORD -> String.format(Locale.ROOT, "%.1f B/record", value);
            case FORCES_PER_ADD -> String.format(Locale.ROOT, "%.2f forces/add", value);
            case COUNT -> String.format(Locale.ROOT, "%.0f", value);
            case CPU_SECONDS_PER_GIB -> String.format(Locale.ROOT, "%.2f CPU-s/GiB", value);
            case MEBIBYTES -> String.format(Locale.ROOT, "%.0f MiB", value);
            case PERCENT -> String.format(Locale.ROOT, "%.0f %%", value);
            case PERCENT_OF_A_CORE -> String.format(Locale.ROOT, "%.1f %% of a core", value);
        };
    }

    private static String scaled(double value) {
        if (value >= 1e6) {
            return String.format(Locale.ROOT, "%.2f M", value / 1e6);
        }
        return value >= 1e4
                ? String.format(Locale.ROOT, "%.1f k", value / 1e3)
                : String.format(Locale.ROOT, "%.0f", value);
    }
}
