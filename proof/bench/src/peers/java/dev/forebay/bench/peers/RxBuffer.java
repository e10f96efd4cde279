package dev.forebay.bench.peers;

import io.reactivex.rxjava3.disposables.Disposable;
import io.reactivex.rxjava3.subjects.PublishSubject;
import io.reactivex.rxjava3.subjects.Subject;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * RxJava: a subject and {@code buffer(time, count)}, whose time runs from the last release, not
 * from the first record. Only one thread may use a subject that is not serialized.
 */
final class RxBuffer implements HeldBuffer {
    private final boolean serialized;

    RxBuffer(boolean serialized) {
        this.serialized = serialized;
    }

    private Subject<byte[]> subject() {
        Subject<byte[]> subject = PublishSubject.create();
        return serialized ? subject.toSerialized() : subject;
    }

    @Override
    public long fill(int size, long records) {
        LongAdder out = new LongAdder();
        Subject<byte[]> subject = subject();
        Disposable lists =
                subject.buffer(AGE_MILLIS, TimeUnit.MILLISECONDS, size)
                        .subscribe(list -> out.add(list.size()));
        byte[] record = Records.ALL.getFirst();
        for (long i = 0; i < records; i++) {
            subject.onNext(record);
        }
        subject.onComplete();
        lists.dispose();
        return out.sum();
    }

    @Override
    public Open open(Consumer<List<byte[]>> released) {
        Subject<byte[]> subject = subject();
        Disposable lists =
                subject.buffer(AGE_MILLIS, TimeUnit.MILLISECONDS, ENDLESS)
                        .filter(list -> !list.isEmpty())
                        .subscribe(released::accept);
        return new Open() {
            @Override
            public void add(byte[] record) {
                subject.onNext(record);
            }

            @Override
            public void close() {
                lists.dispose();
            }
        };
    }
}
