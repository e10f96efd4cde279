package dev.forebay.record;

import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A process that works on a buffer at random until it is killed, and says what each call gave once
 * the call has returned. A record's text is its sequence number. Every line ends with a dot, so
 * that a torn one is seen.
 */
final class KilledProcess {
    static final int CAPACITY = 12;

    private KilledProcess() {}

    /** The same buffer for the process and for the one that judges it. */
    static RecordBufferBuilder<String> on(Path directory, Durability durability) {
        return RecordBuffer.<String>of(Trigger.atLeast(3))
                .journal(directory)
                .codec(Codec.strings())
                .durability(durability)
                .capacity(CAPACITY)
                .whenFull(WhenFull.dropOldest());
    }

    /** Arguments: directory, durability, seed. */
    public static void main(String[] arguments) throws InterruptedException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        Random random = new Random(Long.parseLong(arguments[2]));
        try (RecordBuffer<String> buffer =
                on(Path.of(arguments[0]), Durability.parse(arguments[1])).open()) {
            while (true) {
                act(buffer, random, out);
            }
        }
    }

    private static void act(RecordBuffer<String> buffer, Random random, PrintStream out)
            throws InterruptedException {
        switch (random.nextInt(16)) {
            case 0 -> out.println("reset " + buffer.reset() + " .");
            case 1 -> buffer.flush();
            case 2, 3 -> add(buffer, 2, out);
            case 4, 5, 6, 7, 8, 9, 10, 11 -> add(buffer, 1, out);
            default -> handOver(buffer, random, out);
        }
    }

    private static void add(RecordBuffer<String> buffer, int count, PrintStream out) {
        long next = buffer.ledger().accepted() + 1;
        Receipt receipt =
                buffer.addAll(
                        count == 1
                                ? List.of(String.valueOf(next))
                                : List.of(String.valueOf(next), String.valueOf(next + 1)));
        out.println("added " + receipt.last() + " .");
    }

    private static void handOver(RecordBuffer<String> buffer, Random random, PrintStream out)
            throws InterruptedException {
        Optional<Batch<String>> taken = buffer.take(Duration.ZERO);
        if (taken.isEmpty()) {
            return;
        }
        Batch<String> batch = taken.get();
        String facts = batch.id() + " " + batch.first() + " " + batch.last() + " .";
        out.println("taken " + facts);
        switch (random.nextInt(8)) {
            case 0 -> buffer.fail(batch, "no");
            case 1 -> {
                buffer.deadLetter(batch, "never");
                out.println("dead " + facts);
            }
            default -> {
                buffer.commit(batch);
                out.println("committed " + facts);
            }
        }
    }
}
