package org.example;

import dev.forebay.base.Trigger;
import dev.forebay.record.Codec;
import dev.forebay.record.Delivery;
import dev.forebay.record.RecordBuffer;
import dev.forebay.record.RecordBufferBuilder;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Outlet;
import dev.forebay.record.outlet.RetryPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Readings that leave in batches of six, a minute after the first at the latest, and at once when a
 * storm comes: {@code WeatherStation DIRECTORY [READING...]}. They wait in a journal, so that
 * neither a crash nor an uplink that is down loses one.
 */
public final class WeatherStation {
    private WeatherStation() {}

    /** The station's buffer; the caller says where it keeps its records, and opens it. */
    public static RecordBufferBuilder<String> buffer() {
        return RecordBuffer.of(
                Trigger.anyOf(
                        Trigger.atLeast(6),
                        Trigger.age(Duration.ofMinutes(1)),
                        Trigger.<String>matching(reading -> reading.contains("storm"))));
    }

    /**
     * Gives every reading to {@code uplink}, which may fail now and then. Returns how many are left
     * for the next run, 0 unless the uplink was down for five minutes.
     */
    public static long send(Path directory, Iterable<String> readings, Outlet<String> uplink)
            throws InterruptedException {
        try (RecordBuffer<String> buffer =
                        buffer().journal(directory).codec(Codec.strings()).open();
                Delivery<String> _ = Delivery.start(buffer, uplink, RetryPolicy.defaults())) {
            for (String reading : readings) {
                buffer.add(reading);
            }
            return buffer.drain(Duration.ofMinutes(5));
        }
    }

    private static void print(Batch<String> batch) {
        System.out.println("batch " + batch.id() + ", " + batch.cause() + ": " + batch.records());
    }

    public static void main(String[] arguments) throws InterruptedException {
        List<String> readings = List.of(arguments).subList(1, arguments.length);
        long left = send(Path.of(arguments[0]), readings, WeatherStation::print);
        System.out.println(left + " left");
    }
}
