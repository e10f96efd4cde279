package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.DirectoryContainers;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
        service = new RunService(runs, buffers, Optional.of(executor), clock);
    }

    @AfterEach
    void close() {
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
        assertThat(new RunService(runs, buffers, Optional.of(next), clock).resume()).isEqualTo(1);
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
        int count = new RunService(runs, buffers, Optional.of(next), clock).resume();
        assertThat(count).isEqualTo(unfinished.size());
        assertThat(next.reconciled).extracting(one -> one.order().run()).isEqualTo(unfinished);
        assertThat(next.reconciled)
                .filteredOn(one -> one.canceled().isPresent())
                .extracting(one -> one.order().run())
                .containsExactly(unfinished.get(7));
    }

    @Test
    void withoutAnExecutorNothingIsCreatedAndACancelWaits() {
        Run run = create("");
        RunService none = new RunService(runs, buffers, Optional.empty(), clock);
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
}
