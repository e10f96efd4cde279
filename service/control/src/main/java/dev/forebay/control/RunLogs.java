package dev.forebay.control;

import dev.forebay.base.Clock;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerStore;
import dev.forebay.run.LogArchive;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * The archived logs of runs that have ended: one container for the runs that ended on one day
 * (UTC).
 *
 * <p><b>Guarantee.</b> A log is kept for the lifetime after the end of its run, and at most a day
 * longer, counted from when {@link #expire} is called. Work is linear in the days that are kept.
 *
 * <p><b>Limit.</b> Nothing bounds the sum of all logs but their lifetime and the limit of each.
 * Safe for use by many threads, of which one stores and expires; blocks on the containers.
 */
public final class RunLogs {
    private static final String DAY = "day";

    private final ContainerStore containers;
    private final Duration lifetime;
    private final Clock clock;

    /**
     * @param containers nothing else uses these
     * @param lifetime from the end of a run to the end of its log
     */
    public RunLogs(ContainerStore containers, Duration lifetime, Clock clock) {
        this.containers = containers;
        this.lifetime = lifetime;
        this.clock = clock;
    }

    private static LocalDate day(Instant end) {
        return LocalDate.ofInstant(end, ZoneOffset.UTC);
    }

    private static String id(LocalDate day) {
        return DAY + DateTimeFormatter.BASIC_ISO_DATE.format(day);
    }

    private boolean hasExpired(LocalDate day) {
        Instant end = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        return Duration.between(end, clock.wall()).compareTo(lifetime) >= 0;
    }

    private Optional<LogArchive> archive(Run run) {
        return run.state()
                .finishedAt()
                .flatMap(end -> containers.open(id(day(end))))
                .map(LogArchive::new);
    }

    /** Whether nothing is left to store of a run that has ended: its log is there, or expired. */
    boolean isDone(Run run) {
        return hasExpired(day(run.state().finishedAt().orElseThrow()))
                || archive(run).filter(archive -> archive.has(run.id())).isPresent();
    }

    /** Stores the log of a run that has ended. */
    void store(Run run, LogReader lines) throws InterruptedException {
        String id = id(day(run.state().finishedAt().orElseThrow()));
        containers.create(id);
        Container container = containers.open(id).orElseThrow();
        new LogArchive(container).store(run.id(), lines);
    }

    /** Opens the log of a run; empty if it has not ended, or is not archived, or has expired. */
    Optional<LogReader> open(Run run, LogQuery query) {
        return archive(run).flatMap(archive -> archive.open(run.id(), query));
    }

    /** Removes the logs whose lifetime has passed. */
    void expire() {
        for (String id : containers.list()) {
            try {
                LocalDate day =
                        LocalDate.parse(
                                id.substring(DAY.length()), DateTimeFormatter.BASIC_ISO_DATE);
                if (hasExpired(day)) {
                    containers.setAside(id);
                }
            } catch (DateTimeParseException e) {
                throw new IllegalStateException(
                        "expected containers '%sYYYYMMDD' among the logs of runs, found '%s'; move it elsewhere"
                                .formatted(DAY, id),
                        e);
            }
        }
        containers.removeSetAside();
    }
}
