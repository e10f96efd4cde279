package dev.forebay.record.outlet;

import dev.forebay.base.Nanos;
import java.time.Duration;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * When a failed delivery is tried again: after a random pause between zero and {@code base * 2^n},
 * at most {@code cap} (full jitter).
 *
 * @param base the upper bound of the first pause
 * @param cap the upper bound of every pause
 * @param attemptTimeout an attempt is interrupted after this time and counts as failed
 * @param deadline a batch is given up, as a dead letter, when its first attempt of this process is
 *     this long ago
 * @param maxAttempts or when this many attempts have failed, those before a restart included
 * @param classify what a failure means
 */
public record RetryPolicy(
        Duration base,
        Duration cap,
        Duration attemptTimeout,
        Duration deadline,
        int maxAttempts,
        Function<Throwable, Verdict> classify) {
    /** Checks the times and numbers against each other. */
    public RetryPolicy {
        if (!base.isPositive() || cap.compareTo(base) < 0 || !attemptTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "need 0 < base <= cap and attemptTimeout > 0, not %s, %s, %s"
                            .formatted(base, cap, attemptTimeout));
        }
        if (maxAttempts < 1 || !deadline.isPositive()) {
            throw new IllegalArgumentException(
                    "need maxAttempts >= 1 and deadline > 0, not %d, %s"
                            .formatted(maxAttempts, deadline));
        }
    }

    /**
     * 100 ms doubling to 30 s, 30 s per attempt, a day or a million attempts; always retry.
     *
     * @return such a policy
     */
    public static RetryPolicy defaults() {
        return new RetryPolicy(
                Duration.ofMillis(100),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofDays(1),
                1_000_000,
                _ -> Verdict.RETRY);
    }

    /**
     * As this one, with another upper bound of the first pause, at most {@link #cap}.
     *
     * @param newBase positive
     * @return another policy
     */
    public RetryPolicy withBase(Duration newBase) {
        return new RetryPolicy(newBase, cap, attemptTimeout, deadline, maxAttempts, classify);
    }

    /**
     * As this one, with another upper bound of every pause, at least {@link #base}.
     *
     * @param newCap positive
     * @return another policy
     */
    public RetryPolicy withCap(Duration newCap) {
        return new RetryPolicy(base, newCap, attemptTimeout, deadline, maxAttempts, classify);
    }

    /**
     * As this one, interrupting an attempt after {@code timeout}.
     *
     * @param timeout positive
     * @return another policy
     */
    public RetryPolicy withAttemptTimeout(Duration timeout) {
        return new RetryPolicy(base, cap, timeout, deadline, maxAttempts, classify);
    }

    /**
     * As this one, giving a batch up when its first attempt is {@code newDeadline} ago.
     *
     * @param newDeadline positive
     * @return another policy
     */
    public RetryPolicy withDeadline(Duration newDeadline) {
        return new RetryPolicy(base, cap, attemptTimeout, newDeadline, maxAttempts, classify);
    }

    /**
     * As this one, giving a batch up after {@code attempts} failed attempts, 1 or more.
     *
     * @param attempts the largest number
     * @return another policy
     */
    public RetryPolicy withMaxAttempts(int attempts) {
        return new RetryPolicy(base, cap, attemptTimeout, deadline, attempts, classify);
    }

    /**
     * As this one, with another view of failures; what {@code newClassify} throws means retry.
     *
     * @param newClassify says what a failure means
     * @return another policy
     */
    public RetryPolicy withClassify(Function<Throwable, Verdict> newClassify) {
        return new RetryPolicy(base, cap, attemptTimeout, deadline, maxAttempts, newClassify);
    }

    /**
     * A random pause before the attempt after {@code failures} failed ones, 1 or more.
     *
     * @param failures how many attempts failed
     * @param random gives the pause its length
     * @return 0 to the upper bound of that pause
     */
    public Duration pause(int failures, RandomGenerator random) {
        long most = Math.min(Nanos.of(cap), Long.MAX_VALUE - 1);
        long bound = Math.min(Nanos.of(base), most);
        for (int i = 1; i < failures && bound < most; i++) {
            bound = bound > most / 2 ? most : 2 * bound;
        }
        return Duration.ofNanos(random.nextLong(bound + 1));
    }

    /**
     * What becomes of {@code records} records after {@code attempts} attempts, the first of them
     * {@code sinceFirst} ago and the last just failed: {@link #classify}, except that retries end
     * with {@link #maxAttempts} and {@link #deadline}, and one record cannot be split. An exception
     * of the classifier is suppressed in {@code failure}.
     *
     * @param failure of the last attempt
     * @param records of the batch
     * @param attempts how many there were
     * @param sinceFirst since the first one began
     * @return whether to try again, to divide, or to give up
     */
    public Verdict judge(Throwable failure, int records, int attempts, Duration sinceFirst) {
        Verdict verdict;
        try {
            verdict = classify.apply(failure);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
            verdict = Verdict.RETRY;
        }
        boolean late = attempts >= maxAttempts || sinceFirst.compareTo(deadline) >= 0;
        return verdict == Verdict.RETRY && late || verdict == Verdict.SPLIT && records == 1
                ? Verdict.DEAD_LETTER
                : verdict;
    }
}
