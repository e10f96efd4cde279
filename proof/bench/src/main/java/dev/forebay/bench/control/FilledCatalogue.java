package dev.forebay.bench.control;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.control.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A data directory whose catalogue and containers were filled without the product, which would take
 * a sync for each buffer.
 */
final class FilledCatalogue {
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int BATCH = 10_000;

    private FilledCatalogue() {}

    /** The tags of buffer {@code i} of {@code count}. */
    static Map<String, String> tags(int i, int count) {
        return new TreeMap<>(
                Map.of(
                        "site", "s" + i % 10,
                        "kind", "k" + i / 10 % 7,
                        "day", "d" + (long) i * 365 / count,
                        "run", "r" + i / 50,
                        "even", "e" + i % 2));
    }

    /** Fills {@code data}; its buffers are a second apart, and the last is new. */
    static void make(Path data, int count) throws IOException, SQLException {
        Path file = data.resolve("catalog.db");
        Files.createDirectories(data);
        Database.sqlite(file).close();
        SplittableRandom random = new SplittableRandom(count);
        long start = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) - count * 1_000_000L;
        Path containers = Files.createDirectories(data.resolve("containers"));
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            connection.createStatement().execute("pragma synchronous = off");
            connection.createStatement().execute("pragma cache_size = -400000");
            connection.setAutoCommit(false);
            try (PreparedStatement buffer =
                            connection.prepareStatement(
                                    "insert into buffers (id, created_at, soft_deleted) values (?, ?, 0)");
                    PreparedStatement tag =
                            connection.prepareStatement(
                                    """
                                    insert into buffer_tags
                                    (tag_key, tag_value, soft_deleted, created_at, owner_id)
                                    values (?, ?, 0, ?, ?)\
                                    """)) {
                for (int i = 0; i < count; i++) {
                    String id = id(random);
                    long created = start + i * 1_000_000L;
                    buffer.setString(1, id);
                    buffer.setLong(2, created);
                    buffer.addBatch();
                    for (Map.Entry<String, String> each : tags(i, count).entrySet()) {
                        tag.setString(1, each.getKey());
                        tag.setString(2, each.getValue());
                        tag.setLong(3, created);
                        tag.setString(4, id);
                        tag.addBatch();
                    }
                    Files.createDirectory(containers.resolve(id));
                    if ((i + 1) % BATCH == 0 || i + 1 == count) {
                        buffer.executeBatch();
                        tag.executeBatch();
                        connection.commit();
                    }
                }
            }
        }
        // Opening and closing leaves the folder as a server that ended leaves it.
        DirectoryContainers.open(Disk.system(), Clock.system(), containers).close();
    }

    private static String id(SplittableRandom random) {
        StringBuilder id = new StringBuilder(26);
        for (int i = 0; i < 26; i++) {
            id.append(BASE32.charAt(random.nextInt(BASE32.length())));
        }
        return id.toString();
    }
}
