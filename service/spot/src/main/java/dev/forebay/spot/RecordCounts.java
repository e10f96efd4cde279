package dev.forebay.spot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.bddf.Pod;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogException;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.SignalSchema;
import dev.forebay.spot.proto.DataBufferServiceGrpc;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the calls that record, what they gave and what was refused of it, and keeps the counts in
 * the log as the signal {@value #SCHEMA}: a tick with a call that comes ten seconds or more after
 * the last tick, and one at the end.
 *
 * <p>Used by many threads; a call blocks for the disk when it is the one that ticks.
 */
final class RecordCounts implements ServerInterceptor, AutoCloseable {
    static final String SCHEMA = "forebay:record-calls";
    private static final Logger LOG = LoggerFactory.getLogger(RecordCounts.class);
    private static final String SOURCE = "forebay";
    private static final long EVERY = TimeUnit.SECONDS.toNanos(10);
    private static final List<String> COUNTED = List.of("calls", "entries", "refused");
    private static final int ITEMS = 2;

    private final DataLog log;
    private final Clock clock;
    private final List<String> methods;
    private final AtomicLongArray counts;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private long schema;

    @GuardedBy("lock")
    private long sequence;

    @GuardedBy("lock")
    private @Nullable Long lastTick;

    RecordCounts(DataLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
        methods =
                DataBufferServiceGrpc.getServiceDescriptor().getMethods().stream()
                        .map(MethodDescriptor::getBareMethodName)
                        .map(Objects::requireNonNull)
                        .toList();
        counts = new AtomicLongArray(methods.size() * COUNTED.size());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        int at = methods.indexOf(call.getMethodDescriptor().getBareMethodName()) * COUNTED.size();
        ServerCall<Q, R> counted =
                new SimpleForwardingServerCall<>(call) {
                    @Override
                    public void sendMessage(R message) {
                        counts.addAndGet(at + 2, items((Message) message));
                        tick(false);
                        super.sendMessage(message);
                    }
                };
        return new SimpleForwardingServerCallListener<>(next.startCall(counted, headers)) {
            @Override
            public void onMessage(Q message) {
                counts.incrementAndGet(at);
                counts.addAndGet(at + 1, items((Message) message));
                super.onMessage(message);
            }
        };
    }

    /** How many items a message has in its list, which is its second field if it has one. */
    private static int items(Message message) {
        FieldDescriptor field = message.getDescriptorForType().findFieldByNumber(ITEMS);
        return field != null && field.isRepeated() ? message.getRepeatedFieldCount(field) : 0;
    }

    private void tick(boolean last) {
        if (!lock.tryLock()) {
            return; // Another call ticks.
        }
        try {
            long now = clock.nanos();
            Long before = lastTick;
            if (!last && before != null && now - before < EVERY) {
                return;
            }
            lastTick = now;
            if (schema == 0) {
                schema = log.register(schema(), SOURCE);
            }
            ByteBuffer values =
                    ByteBuffer.allocate(counts.length() * Long.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < counts.length(); i++) {
                values.putLong(counts.get(i));
            }
            log.record(
                    List.of(
                            new Entry.Tick(
                                    OptionalLong.empty(),
                                    sequence++,
                                    SOURCE,
                                    schema,
                                    values.flip())),
                    Durability.WRITTEN);
        } catch (DataLogException e) {
            LOG.warn("the counts of calls that record are not kept: {}", e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    private SignalSchema schema() {
        List<SignalSchema.Variable> variables = new ArrayList<>();
        for (String method : methods) {
            for (String counted : COUNTED) {
                variables.add(new SignalSchema.Variable(method + "." + counted, Pod.UINT64, false));
            }
        }
        return new SignalSchema(SCHEMA, variables);
    }

    /** Keeps the last counts, if there was a call. */
    @Override
    public void close() {
        for (int i = 0; i < counts.length(); i++) {
            if (counts.get(i) > 0) {
                tick(true);
                return;
            }
        }
    }
}
