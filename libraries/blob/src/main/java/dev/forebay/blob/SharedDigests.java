package dev.forebay.blob;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Worker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Chooses how each body of a process is digested: by the JDK, or in a lane.
 *
 * <p><b>Guarantee.</b> Lanes are looked for and prepared, in the background, only after {@code
 * after} bytes, or when twice as many are announced, so short transfers pay nothing for them.
 * Meanwhile, a body that is large waits for them, up to {@code longestWait} after their preparation
 * began: the JDK takes six times as long for it, on a processor that the compiler needs. What does
 * not wait is digested by the JDK on half of the processors. A process may have lanes prepared
 * ahead of its transfers: then nothing waits, and the JDK digests on all processors. If no thread
 * can be started to prepare lanes, the JDK digests all. Once they are ready each body gets one that
 * has more than {@link #SMALL} bytes in hand: whether others will share its runs is not known then,
 * and alone in its lane it takes little more than by the JDK.
 *
 * <p>Safe for use by many threads.
 */
final class SharedDigests {
    /** Preparing costs about as much time as the lanes save on twice as many bytes. */
    private static final long AFTER = 256L << 20;

    /** Bytes in hand of a body that waits for lanes. */
    static final int LARGE = 256 << 10;

    /**
     * A body gets a lane once it has more bytes than this in hand. Fewer would be digested alone,
     * by code that the compiler has to take up first, and the JDK takes as long for them.
     */
    static final int SMALL = DigestScheduler.FEW * Md5Block.BYTES;

    /** About three times as long as preparing takes, where nothing else runs. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(1500);

    /** Finds the lanes; null if there are none. */
    interface Finder {
        @Nullable Md5Lanes find();
    }

    /** Starts a task on a thread of its own. */
    interface Background {
        void start(Worker.Task task);
    }

    private final Finder finder;
    private final Background background;
    private final long after;
    private final Duration longestWait;
    private final Clock clock;
    private final AtomicLong digested = new AtomicLong();
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile @Nullable DigestScheduler scheduler;

    /** Of those who digest while lanes are prepared. */
    private final Semaphore meanwhile = new Semaphore(Math.max(1, processors() / 2));

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();

    /** Whether lanes are prepared and bodies wait for them. Written under the lock. */
    private volatile boolean preparing;

    /** Until when bodies wait. */
    @GuardedBy("lock")
    private long latest;

    SharedDigests(
            Finder finder, Background background, long after, Duration longestWait, Clock clock) {
        this.finder = finder;
        this.background = background;
        this.after = after;
        this.longestWait = longestWait;
        this.clock = clock;
    }

    static SharedDigests ofProcess() {
        return OfProcess.DIGESTS;
    }

    private static final class OfProcess {
        static final SharedDigests DIGESTS =
                new SharedDigests(
                        () ->
                                ServiceLoader.load(Md5Lanes.class, Md5Lanes.class.getClassLoader())
                                        .findFirst()
                                        .orElse(null),
                        task -> {
                            Worker _ =
                                    Worker.platform(
                                            "forebay-md5-lanes", task, SharedDigests::failed);
                        },
                        AFTER,
                        LONGEST_WAIT,
                        Clock.system());
    }

    /** The digest of a new body. */
    BodyDigest begin() {
        return new UndecidedDigest(this);
    }

    /**
     * A lane for a body with {@code bytes} in hand, or null if these are too few or lanes are not
     * ready; does not wait.
     */
    @Nullable BodyDigest laneFor(long bytes) {
        DigestScheduler ready = scheduler;
        return ready != null && bytes > SMALL ? new LaneDigest(ready) : null;
    }

    /** Chooses for a body with {@code bytes} in hand; may wait until lanes are ready. */
    BodyDigest decide(long bytes) {
        if (preparing && bytes >= LARGE) {
            awaitLanes();
        }
        BodyDigest lane = laneFor(bytes);
        return lane != null ? lane : new JdkDigest(this);
    }

    private void awaitLanes() {
        lock.lock();
        try {
            while (preparing && latest - clock.nanos() > 0) {
                clock.await(lock, ended, latest);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The digest is made all the same, by the JDK.
        } finally {
            lock.unlock();
        }
    }

    /** Has a part of a body digested by the JDK, on the calling thread. */
    void digest(Runnable part) {
        if (!preparing) {
            part.run();
            return;
        }
        meanwhile.acquireUninterruptibly();
        try {
            part.run();
        } finally {
            meanwhile.release();
        }
    }

    /** Says how many bytes are going to be digested, most likely. */
    void expect(long bytes) {
        if (bytes / 2 >= after) {
            prepareOnce(true);
        }
    }

    /** Prepares lanes before there is a body for them; none waits for them. */
    void prepareAhead() {
        prepareOnce(false);
    }

    /** Counts the bytes of a body that the JDK digested. */
    void count(long bytes) {
        if (digested.addAndGet(bytes) > after) {
            prepareOnce(true);
        }
    }

    private void prepareOnce(boolean awaited) {
        if (begun.compareAndSet(false, true)) {
            setPreparing(awaited);
            try {
                background.start(this::prepare);
            } catch (OutOfMemoryError e) {
                setPreparing(false); // The system has no thread left, which would do it.
                failed(e);
            }
        }
    }

    private void prepare() {
        try {
            Md5Lanes lanes = finder.find();
            ByteBuffer memory = ByteBuffer.allocateDirect(Md5Lanes.LARGEST_SAMPLE * Md5Block.BYTES);
            if (lanes != null && lanes.prepare(blocks -> Lane.sample(memory, blocks))) {
                scheduler = new DigestScheduler(lanes, processors(), clock);
            }
        } finally {
            setPreparing(false);
        }
    }

    private void setPreparing(boolean now) {
        lock.lock();
        try {
            preparing = now;
            latest = clock.deadline(longestWait);
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    private static void failed(Throwable fault) {
        System.getLogger(SharedDigests.class.getName())
                .log(
                        System.Logger.Level.WARNING,
                        "digests come from the JDK alone, since the vectors cannot be used",
                        fault);
    }
}
