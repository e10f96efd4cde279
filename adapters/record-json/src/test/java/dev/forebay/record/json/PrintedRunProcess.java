package dev.forebay.record.json;

import dev.forebay.base.Trigger;
import dev.forebay.record.RecordBuffer;
import dev.forebay.record.outlet.Batch;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The printed run as a process that dies where the print says "relaunch". */
final class PrintedRunProcess {
    static final int RELAUNCH = 17;
    static final List<JsonRecord> RECORDS =
            Stream.of(
                            "1 2024-01-07T07:35:21.867031Z",
                            "2 2024-01-07T07:35:22.872970Z",
                            "3 2024-01-07T07:35:23.877428Z",
                            "4 2024-01-07T07:35:24.884330Z",
                            "5 2024-01-07T07:35:25.887034Z",
                            "6 2024-01-07T07:35:26.892996Z",
                            "7 2024-01-07T07:35:27.898541Z",
                            "8 2024-01-07T07:35:28.902176Z",
                            "9 2024-01-07T07:35:29.909556Z",
                            "10 2024-01-07T07:35:30.916696Z",
                            "11 2024-01-07T07:35:31.921471Z",
                            "12 2024-01-07T07:35:32.929188Z",
                            "13 2024-01-07T07:35:33.934699Z",
                            "14 2024-01-07T07:35:34.941693Z",
                            "15 2024-01-07T07:35:35.945083Z")
                    .map(line -> line.split(" ", 2))
                    .map(parts -> new JsonRecord(parts[0], Instant.parse(parts[1])))
                    .toList();

    private PrintedRunProcess() {}

    /** Arguments: directory, first push, whether a kill comes after storing, pushes to die at. */
    public static void main(String[] args) throws InterruptedException {
        int first = Integer.parseInt(args[1]);
        boolean afterStoring = Boolean.parseBoolean(args[2]);
        Set<String> kills = Stream.of(args[3].split(",")).collect(Collectors.toSet());
        JsonCodec codec = new JsonCodec();
        RecordBuffer<JsonRecord> buffer =
                RecordBuffer.<JsonRecord>of(
                                Trigger.anyOf(Trigger.atLeast(3), Trigger.bytes(1_000_000)))
                        .journal(Path.of(args[0]))
                        .codec(codec)
                        .open();
        release(buffer, codec);
        for (int push = first; push <= RECORDS.size(); push++) {
            JsonRecord record = RECORDS.get(push - 1);
            boolean dies = kills.contains(record.id());
            System.out.println("push " + codec.print(record));
            if (dies && !afterStoring) {
                die();
            }
            buffer.add(record);
            if (dies) {
                die();
            }
            release(buffer, codec);
        }
        buffer.close();
    }

    private static void die() {
        System.out.println("relaunch");
        System.out.flush();
        Runtime.getRuntime().halt(RELAUNCH);
    }

    private static void release(RecordBuffer<JsonRecord> buffer, JsonCodec codec)
            throws InterruptedException {
        Optional<Batch<JsonRecord>> batch = buffer.take(Duration.ZERO);
        if (batch.isEmpty()) {
            System.out.println("hold");
            return;
        }
        System.out.println("release " + batch.get().id());
        batch.get().records().forEach(record -> System.out.println(codec.print(record)));
        buffer.commit(batch.get());
    }
}
