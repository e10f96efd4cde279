package dev.forebay.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.MemoryBudget;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerStore;
import dev.forebay.control.AccessSigner;
import dev.forebay.control.RunService;
import dev.forebay.control.Runs;
import dev.forebay.datalog.DataLog;
import dev.forebay.identity.AdminKey;
import dev.forebay.identity.Authority;
import dev.forebay.identity.Users;
import dev.forebay.run.Executor;
import dev.forebay.spot.Robot;
import dev.forebay.spot.SpotHandler;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.LoggerFactory;

/**
 * A running server over one data directory. This class puts its parts together: storage, background
 * threads, faces, listeners.
 *
 * <p><b>Guarantee.</b> It owns the directory alone. It listens only once everything found there is
 * durable. Closing it lets requests under way end, within the grace, wakes those that wait, and
 * closes every part whatever fails; a start that fails leaves nothing open.
 *
 * <p><b>Limit.</b> At most two listeners: plain HTTP, and TLS. Closing waits for a disk that hangs.
 *
 * <p>Safe for use by many threads; {@link #start} and {@link #close} block. A second close waits
 * for the first and does nothing.
 */
public final class ForebayServer implements AutoCloseable {
    private final ReentrantLock closing = new ReentrantLock();

    @GuardedBy("closing")
    private final Opened opened;

    private final Storage storage;
    private final List<Face> faces;
    private final List<URI> uris;

    private ForebayServer(Opened opened, Storage storage, List<Face> faces, List<URI> uris) {
        this.opened = opened;
        this.storage = storage;
        this.faces = faces;
        this.uris = uris;
    }

    /**
     * Starts a server; it listens when this returns.
     *
     * @throws dev.forebay.base.LockedException if another server has the directory
     */
    public static ForebayServer start(ServerConfig config) throws IOException {
        return start(config, Disk.system(), Clock.system(), new ParkedRequests());
    }

    static ForebayServer start(ServerConfig config, Disk given, Clock clock, ParkedRequests parked)
            throws IOException {
        SyncTimes syncs = new SyncTimes(config.data());
        Disk disk = new MeasuredDisk(given, clock, syncs);
        Logging.toStandardError(config.serverLog());
        Opened opened = new Opened();
        try {
            Storage storage = openStorage(config, disk, clock, opened);
            RunService runs = openRuns(config, storage, clock, opened);
            FaultLog faults = new FaultLog(clock);
            Sweeper sweeper = new Sweeper(storage.buffers(), runs, clock, faults);
            opened.add(sweeper, sweeper::close);
            Optional<Renewal> renewal = renewal(config, disk, clock, storage.keys(), faults);
            renewal.ifPresent(each -> opened.add(each, each::close));
            Health health =
                    new Health(
                            given,
                            clock,
                            config.data(),
                            () ->
                                    sweeper.fault()
                                            .or(() -> renewal.flatMap(Renewal::fault))
                                            .or(() -> logFault(runs)));
            opened.add(health, health::close);
            MemoryBudget memory = MemoryBudget.ofProcess();
            BlockMaps maps =
                    new BlockMaps(
                            storage.containers()::open,
                            storage.layouts(),
                            clock,
                            faults,
                            ContentEndpoint.options(clock, memory));
            opened.add(maps, maps::close);
            DataPlaneFace dataPlane =
                    new DataPlaneFace(
                            storage.containers(), storage.signer(), clock, parked, memory, maps);
            RequestCounts counts = new RequestCounts();
            CallCounts calls = new CallCounts();
            Metrics metrics =
                    new Metrics(
                            counts,
                            calls,
                            syncs,
                            dataPlane::followers,
                            dataPlane::batched,
                            health,
                            storage.log(),
                            disk,
                            config.data());
            List<Face> faces = faces(storage, runs, health, dataPlane, metrics, clock);
            List<Face> all = new ArrayList<>(faces);
            AdminKey admin = AdminKey.open(disk, storage.keys());
            all.add(new AdminFace(admin, storage.users(), storage.log(), clock));
            all.add(
                    new LogFace(
                            storage.log(), storage.users(), clock, memory, config.log().badSpan()));
            new Router(all).routes().forEach(counts::expect);
            HttpListeners http =
                    HttpListeners.start(
                            listeners(config, renewal, all, storage, clock, calls),
                            config.grace(),
                            faults,
                            counts);
            opened.add(http, http::close);
            for (Face face : all) {
                opened.add(face, face::close); // Before the listeners: it ends their waits.
            }
            opened.add(runs, () -> drain(runs, config.runs().drain())); // While all else serves.
            admin.announce(http.uris().getFirst());
            return new ForebayServer(opened, storage, faces, http.uris());
        } catch (Throwable e) {
            try {
                opened.close();
            } catch (Throwable second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    /** The server's certificate, and its renewal; none without TLS. */
    private static Optional<Renewal> renewal(
            ServerConfig config, Disk disk, Clock clock, Path keys, FaultLog faults)
            throws IOException {
        if (config.tls().isEmpty()) {
            return Optional.empty();
        }
        Authority authority =
                Authority.open(
                        disk, clock, keys, TlsConfig.hostNames(), config.tls().get().names());
        return Optional.of(new Renewal(authority, clock, faults));
    }

    private static List<Listener> listeners(
            ServerConfig config,
            Optional<Renewal> renewal,
            List<Face> faces,
            Storage storage,
            Clock clock,
            CallCounts calls)
            throws IOException {
        List<Listener> listeners = new ArrayList<>();
        listeners.add(Listener.plain(config, faces));
        if (renewal.isPresent()) {
            Authority authority = renewal.get().authority();
            SpotHandler spot =
                    new SpotHandler(
                            storage.log(),
                            storage.users(),
                            robot(authority),
                            clock,
                            true,
                            messageMemory(),
                            calls);
            listeners.add(
                    Listener.tls(
                            config,
                            config.tls().orElseThrow(),
                            authority,
                            faces,
                            Optional.of(spot)));
        }
        return listeners;
    }

    /** Most of the heap; all else that the server keeps there is small. */
    private static MemoryBudget messageMemory() {
        return MemoryBudget.of(
                ByteSize.of(Runtime.getRuntime().maxMemory() / 4 * 3),
                System.getProperty(MemoryBudget.SETTING_PROPERTY, "-Xmx"));
    }

    /** The log's name for clients: the same as long as its authority is. */
    private static Robot robot(Authority authority) {
        String serial = authority.certificate().getSerialNumber().toString(16);
        return new Robot(
                "forebay-" + serial, TlsConfig.hostNames().stream().findFirst().orElse("forebay"));
    }

    private static Storage openStorage(ServerConfig config, Disk disk, Clock clock, Opened opened)
            throws IOException {
        if (disk.stat(config.data()).isEmpty()) {
            // Or a first start that fails would leave a directory behind.
            HttpListeners.tryAddress(config.host(), config.port());
            if (config.tls().isPresent()) {
                HttpListeners.tryAddress(config.tls().get().bind(), config.tls().get().port());
            }
        }
        return Storage.open(disk, clock, config, opened);
    }

    /** Opens the executor, and gives it the runs that an earlier server left. */
    private static RunService openRuns(
            ServerConfig config, Storage storage, Clock clock, Opened opened) throws IOException {
        Optional<Executor> executor = Optional.empty();
        if (config.runs().executor().isPresent()) {
            try {
                executor =
                        Optional.of(
                                config.runs()
                                        .executor()
                                        .get()
                                        .open(config.data(), id -> container(storage, id)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException)
                        new InterruptedIOException("the start of the executor was interrupted")
                                .initCause(e);
            }
        }
        RunService runs =
                new RunService(
                        storage.runs(), storage.buffers(), executor, storage.runLogs(), clock);
        opened.add(runs, runs::close);
        int unfinished = runs.resume();
        if (executor.isEmpty() && unfinished > 0) {
            LoggerFactory.getLogger(ForebayServer.class)
                    .warn(
                            "{} runs have not ended, and this server has no executor; start it with"
                                    + " the one that they were created with",
                            unfinished);
        }
        return runs;
    }

    private static Container container(Storage storage, String id) {
        return storage.containers()
                .open(id)
                .orElseThrow(() ->
                        new ContainerException(
                                ContainerException.Fault.MISSING_CONTAINER,
                                "buffer %s has no container; it was deleted".formatted(id)));
    }

    private static Optional<String> logFault(RunService runs) {
        return runs.fault().map(e -> "the logs of runs are not archived: " + e);
    }

    private static void drain(RunService runs, Duration patience) throws IOException {
        try {
            runs.drain(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException("the wait for programs that run was interrupted")
                            .initCause(e);
        }
    }

    private static List<Face> faces(
            Storage storage,
            RunService runs,
            Health health,
            DataPlaneFace dataPlane,
            Metrics metrics,
            Clock clock) {
        return List.of(
                new ServiceFace(health, runs.capabilities()),
                new OperationsFace(metrics),
                dataPlane,
                new RelayFace(runs, storage.runs(), storage.signer(), clock),
                new ControlPlaneFace(storage.buffers(), storage.runs()),
                new CodespecFace(storage.codespecs()),
                new RunFace(runs, storage.runs(), storage.buffers()));
    }

    /** Where it listens, without a slash at the end. */
    public URI uri() {
        return uris.getFirst();
    }

    /** Where each of its listeners listens: plain HTTP first, then TLS if it was asked for. */
    public List<URI> uris() {
        return uris;
    }

    /**
     * The routes of buffers, codespecs and runs, in the order in which they are tried; those of the
     * log and of users come after.
     */
    List<Route> routes() {
        return new Router(faces).routes();
    }

    ContainerStore containers() {
        return storage.containers();
    }

    AccessSigner signer() {
        return storage.signer();
    }

    Runs runs() {
        return storage.runs();
    }

    DataLog log() {
        return storage.log();
    }

    Users users() {
        return storage.users();
    }

    @Override
    public void close() throws IOException {
        closing.lock();
        try {
            opened.close();
        } finally {
            closing.unlock();
        }
    }
}
