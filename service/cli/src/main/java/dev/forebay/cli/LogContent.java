package dev.forebay.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * What a demonstration recorded, or found in a file: the ticks of one signal, and comments, events
 * and blobs, each as a line. For one thread.
 */
final class LogContent {
    /** One tick of the signal. */
    record Tick(long nanos, long sequence, int value) {}

    private final List<Tick> ticks = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();

    void tick(long nanos, long sequence, int value) {
        ticks.add(new Tick(nanos, sequence, value));
    }

    void comment(long nanos, String text) {
        messages.add("comment %d %s".formatted(nanos, text));
    }

    void event(long nanos, String id) {
        messages.add("event %d %s".formatted(nanos, id));
    }

    void blob(long nanos, byte[] data) {
        messages.add("blob %d %s".formatted(nanos, Arrays.toString(data)));
    }

    /** The ticks in the order of their sequence. */
    List<Tick> ticks() {
        return ticks.stream().sorted(Comparator.comparingLong(Tick::sequence)).toList();
    }

    /**
     * How another content differs from this one: what is missing, doubled or changed. Empty if in
     * nothing.
     */
    String difference(LogContent other) {
        List<Tick> mine = ticks();
        List<Tick> theirs = other.ticks();
        for (int i = 0; i < Math.min(mine.size(), theirs.size()); i++) {
            if (!mine.get(i).equals(theirs.get(i))) {
                return "expected %s, found %s".formatted(mine.get(i), theirs.get(i));
            }
        }
        if (mine.size() != theirs.size()) {
            return String.format(
                    Locale.ROOT, "expected %d ticks, found %d", mine.size(), theirs.size());
        }
        return messages.stream().sorted().toList().equals(other.messages.stream().sorted().toList())
                ? ""
                : "comments, events or blobs are not those that were recorded";
    }

    @Override
    public String toString() {
        return "%d ticks, %d comments, events and blobs".formatted(ticks.size(), messages.size());
    }
}
