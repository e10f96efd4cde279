package dev.forebay.record;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Passes everything on to a log; a broken twin changes one thing. */
class Twin implements RecordLog {
    private final RecordLog log;

    Twin(RecordLog log) {
        this.log = log;
    }

    /** A buffer whose log is {@code twin}. */
    static <T> Parts<T> logging(UnaryOperator<RecordLog> twin) {
        return new Parts<>() {
            @Override
            RecordLog log(RecordLog log) {
                return twin.apply(log);
            }
        };
    }

    @Override
    public Opened opened() {
        return log.opened();
    }

    @Override
    public long note(int kind, byte[] payload) {
        return log.note(kind, payload);
    }

    @Override
    public long append(int kind, List<byte[]> payloads) {
        return log.append(kind, payloads);
    }

    @Override
    public boolean frees(long position) {
        return log.frees(position);
    }

    @Override
    public long reserve() {
        return log.reserve();
    }

    @Override
    public void sync(long position) {
        log.sync(position);
    }

    @Override
    public void read(long position, Consumer<Stored> reader, @Nullable Long last) {
        log.read(position, reader, last);
    }

    @Override
    public void trim(long position) {
        log.trim(position);
    }

    @Override
    public void close() {
        log.close();
    }
}
