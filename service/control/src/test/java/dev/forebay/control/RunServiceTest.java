package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.run.Executor;
import dev.forebay.run.ExecutorException;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.NoSuchRunException;
import dev.forebay.run.Observation;
import dev.forebay.run.Outcome;
import dev.forebay.run.RunRefusedException;
import dev.forebay.run.RunStatus;
import dev.forebay.testkit.ManualClock;
import dev.forebay.wire.Json;
import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.RunBody;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How runs go between the catalogue and an executor, which a test plays. */
class RunServiceTest {
    private static final Duration GUARD = Duration.ofSeconds(90);

    @TempDir Path temp;
    private final ManualClock clock = new ManualClock();
    private final PlayedExecutor executor = new PlayedExecutor();
    private Database database;
    private DirectoryContainers containers;
    private Buffers buffers;
    private Runs runs;
    private RunService service;
    private DirectoryContainers archive;
    private final List<RunService> services = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        database = Database.sqlite(temp.resolve("catalog.db"));
        containers =
                DirectoryContainers.open(Disk.system(), Clock.system(), temp.resolve("containers"));
        buffers =
                new Buffers(
                        database, containers, AccessSigner.ephemeral(), clock, Lifetimes.DEFAULT);
        Codespecs codespecs = new Codespecs(database, clock);
        codespecs.create(
                "x",
                Json.read(
                        json(
                                "{'kind':'job','image':'i','command':['c'],'buffers':{'inputs':['in'],'outputs':['out']},'resources':{'limits':{'memory':'1Ki','cpu':'0.5'},'gpu':'1500m'}}"),
                        CodespecBody.class));
        runs = new Runs(database, clock, codespecs, buffers);
        archive = DirectoryContainers.open(Disk.system(), Clock.system(), temp.resolve("run-logs"));
        service = service(Optional.of(executor));
    }

    private RunService service(Optional<Executor> carrier) {
        RunLogs logs = new RunLogs(archive, Duration.ofDays(1), clock);
        RunService made = new RunService(runs, buffers, carrier, logs, clock);
        services.add(made);
        return made;
    }

    @AfterEach
    void close() {
        services.forEach(RunService::close);
        archive.close();
        containers.close();
        database.close();
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(UTF_8);
    }

    private Run create(String more) {
        RunBody body = Json.read(json("{'job':{'codespec':'x'" + more + "}}"), RunBody.class);
        return service.create(body, Optional.empty());
    }

    private List<Buffer> all() {
        return buffers.list(BufferFilter.all(false), 100, Optional.empty()).buffers();
    }

    @Test
    void missingBuffersAreCreatedAndTheOrderNamesAll() {
        String in = buffers.create(Map.of(), Optional.empty()).id();
        Run run =
                create(",'buffers':{'IN':'" + in + "'},'tags':{'a':'1'},'bufferTtl':'1.00:00:00'");
        var order = executor.started.getFirst();
        assertThat(order.run()).isEqualTo(run.id());
        assertThat(order.buffers()).containsEntry("in", in).hasSize(2);
        assertThat(order.timeout()).isEqualTo(Duration.ofHours(12));
        assertThat(order.program().command()).containsExactly("c");
        assertThat(order.program().resources().memoryLimit()).hasValue(1024);
        assertThat(order.program().resources().millicoreLimit()).hasValue(500);
        assertThat(order.program().resources().gpus()).hasValue(2);
        Buffer out = buffers.get(Objects.requireNonNull(order.buffers().get("out")), false);
        assertThat(out.tags()).isEqualTo(Map.of("a", "1", "bufferName", "out"));
        assertThat(out.expiresAt()).contains(clock.wall().plus(Duration.ofDays(1)));
    }

    @Test
    void whatIsObservedIsStored() {
        Run run = create("");
        executor.watcher.observed(run.id(), new Observation.Started(clock.wall()));
        assertThat(runs.get(run.id()).state().status()).isEqualTo(RunStatus.RUNNING);
        executor.watcher.observed(run.id(), new Observation.Ended(Outcome.exited(0), clock.wall()));
        assertThat(runs.get(run.id()).state().status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(service.cancel(run.id()).state().status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(executor.canceled).isEmpty();
    }

    /** The cancel comes when the run is stored, and the executor has not heard of it. */
    @Test
    void cancelBeforeTheExecutorHasTheRunReachesIt() {
        executor.atStart =
                order -> {
                    assertThat(service.cancel(order.run()).state().status())
                            .isEqualTo(RunStatus.CANCELING);
                    executor.canceled.clear(); // As of an executor that does not know the run yet.
                };
        Run run = create("");
        assertThat(run.state().status()).isEqualTo(RunStatus.CANCELING);
        assertThat(executor.canceled).containsExactly(run.id());
    }

    @Test
    void whatAnExecutorRefusesCreatesNothing() {
        executor.atCheck =
                _ -> {
                    throw new RunRefusedException("not here");
                };
        assertThatThrownBy(() -> create("")).hasMessage("not here");
        assertThat(all()).isEmpty();
        assertThat(runs.list(RunFilter.ALL, 1, Optional.empty()).runs()).isEmpty();
    }

    /** The other creation is done between the look for the key and the transaction. */
    @Test
    void ofTwoCreationsWithOneKeyTheSlowerLeavesNoBuffers() {
        RunBody body = Json.read(json("{'job':{'codespec':'x'}}"), RunBody.class);
        List<Run> faster = new ArrayList<>();
        executor.atCheck =
                _ -> {
                    executor.atCheck = _ -> {};
                    faster.add(service.create(body, Optional.of("key")));
                };
        assertThat(service.create(body, Optional.of("key"))).isEqualTo(faster.getFirst());
        assertThat(all())
                .extracting(Buffer::id)
                .containsExactlyInAnyOrderElementsOf(
                        executor.started.getFirst().buffers().values());
    }

    @Test
    void runThatComesWhileTheExecutorClosesIsLeftToTheNextServer() {
        executor.atStart =
                _ -> {
                    throw new RunRefusedException("closing");
                };
        Run run = create("");
        assertThat(run.state().status()).isEqualTo(RunStatus.PENDING);
        PlayedExecutor next = new PlayedExecutor();
        assertThat(service(Optional.of(next)).resume()).isEqualTo(1);
        assertThat(next.reconciled).extracting(one -> one.order().run()).containsExactly(run.id());
    }

    @Test
    void everyRunThatHasNotEndedIsResumedInItsOrderWithItsCancel() {
        List<Long> unfinished = new ArrayList<>();
        String plain = "{'job':{'codespec':{'kind':'job','image':'i','command':['c']}}}";
        RunBody body = Json.read(json(plain), RunBody.class);
        for (int i = 0; i < 1010; i++) { // More than a page.
            Run run = service.create(body, Optional.empty());
            if (i % 500 == 1) {
                executor.watcher.observed(
                        run.id(), new Observation.Ended(Outcome.exited(0), clock.wall()));
            } else {
                unfinished.add(run.id());
            }
        }
        service.cancel(unfinished.get(7));
        PlayedExecutor next = new PlayedExecutor();
        int count = service(Optional.of(next)).resume();
        assertThat(count).isEqualTo(unfinished.size());
        assertThat(next.reconciled).extracting(one -> one.order().run()).isEqualTo(unfinished);
        assertThat(next.reconciled)
                .filteredOn(one -> one.canceled().isPresent())
                .extracting(one -> one.order().run())
                .containsExactly(unfinished.get(7));
    }

    @Test
    void runThatWaitsLongerThanItsTimeoutIsCanceledAndNoOther() {
        Run waits = create("");
        Run runs12h = create("");
        executor.watcher.observed(runs12h.id(), new Observation.Started(clock.wall()));
        clock.advance(Duration.ofHours(12).minusNanos(1000));
        Run late = create("");
        service.endWaiting(() -> false);
        assertThat(executor.canceled).isEmpty();
        clock.advance(Duration.ofNanos(1000));
        service.endWaiting(() -> false);
        assertThat(executor.canceled).containsExactly(waits.id());
        assertThat(runs.get(waits.id()).state().reason())
                .contains("Run exceeded its timeout while pending");
        assertThat(runs.get(runs12h.id()).state().status()).isEqualTo(RunStatus.RUNNING);
        assertThat(runs.get(late.id()).state().status()).isEqualTo(RunStatus.PENDING);
    }

    @Test
    void withoutAnExecutorNothingIsCreatedAndACancelWaits() {
        Run run = create("");
        RunService none = service(Optional.empty());
        assertThat(none.resume()).isEqualTo(1);
        RunBody body = Json.read(json("{'job':{'codespec':'x'}}"), RunBody.class);
        assertThatThrownBy(() -> none.create(body, Optional.empty()))
                .hasMessageContaining("no executor");
        assertThat(none.cancel(run.id()).state().status()).isEqualTo(RunStatus.CANCELING);
        assertThat(all()).hasSize(2);
    }

    @Test
    void followerMissesNoChangeBetweenTwoWaits() throws InterruptedException {
        Run run = create("");
        try (RunFollower follower = service.follow(run.id());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Boolean> wait =
                    () -> {
                        follower.await();
                        return true;
                    };
            executor.watcher.observed(run.id(), new Observation.Started(clock.wall()));
            assertThat(threads.submit(wait)).succeedsWithin(GUARD);
            service.setTags(run.id(), Optional.empty(), Map.of("b", "2"));
            assertThat(threads.submit(wait)).succeedsWithin(GUARD);
            Future<Boolean> third = threads.submit(wait);
            assertThat(third.isDone()).isFalse();
            service.cancel(run.id());
            assertThat(third).succeedsWithin(GUARD);
        }
    }

    @Test
    void observationIsRefusedWhileTheCatalogueIsAway() {
        Run run = create("");
        database.close();
        assertThatThrownBy(() ->
                        executor.watcher.observed(
                                run.id(), new Observation.Ended(Outcome.exited(0), clock.wall())))
                .isInstanceOf(RuntimeException.class);
    }

    private static List<String> texts(LogReader reader) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        try (reader) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                texts.add(new String(line.text(), UTF_8));
            }
        }
        return texts;
    }

    private void end(Run run) {
        executor.watcher.observed(run.id(), new Observation.Ended(Outcome.exited(0), clock.wall()));
    }

    private long awaitForgotten(PlayedExecutor carrier) throws InterruptedException {
        Long run = carrier.forgotten.poll(GUARD.toSeconds(), TimeUnit.SECONDS);
        assertThat(run).as("a run that the executor was to forget").isNotNull();
        return Objects.requireNonNull(run);
    }

    @Test
    void executorForgetsARunOnceItsLogIsArchived() throws InterruptedException {
        Run run = create("");
        executor.lines.put(run.id(), List.of("one", "two"));
        assertThat(texts(service.logs(run.id(), LogQuery.ALL))).containsExactly("one", "two");
        executor.atForget =
                id ->
                        assertThat(archivedLines(id))
                                .as("before forget")
                                .containsExactly("one", "two");
        end(run);
        assertThat(awaitForgotten(executor)).isEqualTo(run.id());
        executor.lines.clear();
        assertThat(texts(service.logs(run.id(), LogQuery.ALL))).containsExactly("one", "two");
    }

    @Test
    void cancelWhileTheLogIsArchivedChangesNothing() throws InterruptedException {
        Run run = create("");
        executor.lines.put(run.id(), List.of("one"));
        List<RunStatus> answers = new CopyOnWriteArrayList<>();
        executor.atLogs = id -> answers.add(service.cancel(id).state().status());
        end(run);
        assertThat(awaitForgotten(executor)).isEqualTo(run.id());
        assertThat(answers).containsExactly(RunStatus.SUCCEEDED);
        assertThat(executor.canceled).isEmpty();
        assertThat(archivedLines(run.id())).containsExactly("one");
    }

    /** As another server sees them, which has no executor. */
    private List<String> archivedLines(long id) {
        RunLogs logs = new RunLogs(archive, Duration.ofDays(1), clock);
        try {
            return texts(logs.open(runs.get(id), LogQuery.ALL).orElseThrow());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The next run that is forgotten, while time passes. */
    private long forgottenAfterPauses() throws InterruptedException {
        long deadline = System.nanoTime() + GUARD.toNanos();
        Long run = executor.forgotten.poll();
        while (run == null && System.nanoTime() - deadline < 0) {
            clock.advance(LogArchiver.RETRY);
            run = executor.forgotten.poll(20, TimeUnit.MILLISECONDS);
        }
        assertThat(run).as("a run that the executor was to forget").isNotNull();
        return Objects.requireNonNull(run);
    }

    @Test
    void logThatCannotBeArchivedIsTriedAgainAndHoldsUpNoOther() throws InterruptedException {
        Run broken = create("");
        Run whole = create("");
        executor.lines.put(whole.id(), List.of("x"));
        AtomicBoolean away = new AtomicBoolean(true);
        executor.atLogs =
                id -> {
                    if (id == broken.id() && away.get()) {
                        throw new ExecutorException("away", new IOException());
                    }
                };
        end(broken);
        end(whole);
        assertThat(awaitForgotten(executor)).as("without a pause").isEqualTo(whole.id());
        assertThat(service.fault()).isPresent();
        away.set(false);
        assertThat(forgottenAfterPauses()).isEqualTo(broken.id());
    }

    @Test
    void nextServerArchivesWhatTheLastOneLeft() throws InterruptedException {
        Run run = create("");
        Run other = create("");
        executor.atLogs =
                _ -> {
                    throw new ExecutorException("away", new IOException());
                };
        end(run);
        service.close();
        PlayedExecutor next = new PlayedExecutor();
        next.ended.addAll(List.of(run.id(), other.id(), 99L));
        next.lines.put(run.id(), List.of("left"));
        RunService second = service(Optional.of(next));
        second.resume();
        assertThat(awaitForgotten(next)).isEqualTo(run.id());
        assertThat(awaitForgotten(next)).as("one that the catalogue does not know").isEqualTo(99);
        assertThat(texts(second.logs(run.id(), LogQuery.ALL))).containsExactly("left");
        assertThat(next.forgotten).as("one whose end is not stored stays").isEmpty();
    }

    @Test
    void archivedLogsGoWhenTheirLifetimeHasPassed() throws InterruptedException {
        Run run = create("");
        executor.lines.put(run.id(), List.of("old"));
        end(run);
        awaitForgotten(executor);
        executor.lines.clear();
        clock.advance(Duration.ofHours(23));
        RunLogs logs = new RunLogs(archive, Duration.ofDays(1), clock);
        logs.expire();
        assertThat(archivedLines(run.id())).containsExactly("old");
        clock.advance(Duration.ofHours(49));
        logs.expire();
        assertThat(archive.list()).isEmpty();
        assertThatThrownBy(() -> service.logs(run.id(), LogQuery.ALL))
                .isInstanceOf(NoSuchRunException.class);
    }
}
