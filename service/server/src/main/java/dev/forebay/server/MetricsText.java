package dev.forebay.server;

import java.util.Map;
import java.util.TreeMap;

/**
 * Figures in the text format 0.0.4 of Prometheus: for each metric its help, its type, and a line
 * for each combination of labels. For one thread.
 */
final class MetricsText {
    /** The content type. */
    static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder text = new StringBuilder();

    /** Begins a metric of {@code type}, whose samples follow. */
    MetricsText begin(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        return this;
    }

    /** A sample without labels. */
    MetricsText sample(String name, Number value) {
        return sample(name, Map.of(), value);
    }

    MetricsText sample(String name, Map<String, String> labels, Number value) {
        text.append(name);
        String before = "{";
        for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
            text.append(before).append(label.getKey()).append("=\"");
            text.append(escaped(label.getValue())).append('"');
            before = ",";
        }
        text.append(labels.isEmpty() ? " " : "} ").append(value).append('\n');
        return this;
    }

    /** A metric with one sample. */
    MetricsText gauge(String name, String help, Number value) {
        return begin(name, "gauge", help).sample(name, value);
    }

    /** The same for a sum that only grows. */
    MetricsText counter(String name, String help, Number value) {
        return begin(name, "counter", help).sample(name, value);
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
