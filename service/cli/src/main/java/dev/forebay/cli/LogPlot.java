package dev.forebay.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Draws numbers as lines of text: each column spans what its numbers span. */
final class LogPlot {
    private static final int COLUMNS = 72;
    private static final int ROWS = 12;

    private LogPlot() {}

    static List<String> of(List<Integer> values) {
        int least = values.stream().mapToInt(Integer::intValue).min().orElse(0);
        int most = values.stream().mapToInt(Integer::intValue).max().orElse(0);
        char[][] rows = new char[ROWS][COLUMNS];
        for (char[] row : rows) {
            Arrays.fill(row, ' ');
        }
        for (int column = 0; column < COLUMNS; column++) {
            int from = column * values.size() / COLUMNS;
            // Up to the first of the next column, so that columns touch.
            int to = Math.min(values.size(), (column + 1) * values.size() / COLUMNS + 1);
            for (int i = from; i < to; i++) {
                rows[row(values.get(i), least, most)][column] = '*';
            }
            fill(rows, column);
        }
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            String label = row == 0 ? most + "" : row == ROWS - 1 ? least + "" : "";
            lines.add("%7s |%s".formatted(label, new String(rows[row]).stripTrailing()));
        }
        return lines;
    }

    private static int row(int value, int least, int most) {
        return most == least
                ? ROWS / 2
                : (int) ((long) (most - value) * (ROWS - 1) / (most - least));
    }

    private static void fill(char[][] rows, int column) {
        int first = -1;
        int last = -1;
        for (int row = 0; row < ROWS; row++) {
            if (rows[row][column] == '*') {
                first = first < 0 ? row : first;
                last = row;
            }
        }
        for (int row = first; first >= 0 && row < last; row++) {
            rows[row][column] = '*';
        }
    }
}
