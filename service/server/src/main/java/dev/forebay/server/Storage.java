package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.ContainerStore;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.control.AccessSigner;
import dev.forebay.control.BackgroundReconciliation;
import dev.forebay.control.BufferLayouts;
import dev.forebay.control.Buffers;
import dev.forebay.control.Codespecs;
import dev.forebay.control.Database;
import dev.forebay.control.Reconciliation;
import dev.forebay.control.RunLogs;
import dev.forebay.control.Runs;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import dev.forebay.identity.Users;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a server keeps in its data directory, opened and owned by this process alone. */
record Storage(
        AccessSigner signer,
        Users users,
        ContainerStore containers,
        Buffers buffers,
        BufferLayouts layouts,
        Codespecs codespecs,
        Runs runs,
        RunLogs runLogs,
        DataLog log,
        Path keys) {
    /** The lock of the data directory. */
    static final String LOCK = "=lock";

    /** The directory of secrets in it. */
    static final String KEYS = "keys";

    /**
     * Opens the directory, making what is missing.
     *
     * @param opened takes what has to be closed, also if this fails half-way
     * @throws dev.forebay.base.LockedException if another server has the directory
     */
    static Storage open(Disk disk, Clock clock, ServerConfig config, Opened opened)
            throws IOException {
        Path data = config.data();
        DataDirectory.prepare(disk, data);
        Disk.AutoCloseableLock lock = disk.lock(data.resolve(LOCK));
        opened.add(lock, lock::close);
        // The catalogue takes the longest, and Java's first keys most of the rest.
        Database.Opening opening = Database.sqliteBehind(data.resolve("catalog.db"));
        opened.add(opening, opening::close);
        Path keys = data.resolve(KEYS);
        AccessSigner signer = AccessSigner.open(disk, keys);
        Users users = Users.open(disk, clock, keys);
        ContainerStore containers =
                DirectoryContainers.open(disk, clock, data.resolve("containers"));
        opened.add(containers, containers::close);
        Database database = opening.await();
        Buffers buffers = new Buffers(database, containers, signer, clock, config.lifetimes());
        BackgroundReconciliation comparing =
                buffers.reconcileBehind(Storage::report, Storage::notCompared);
        opened.add(comparing, comparing::close);
        DataLog log =
                DataLog.open(
                        disk,
                        clock,
                        data.resolve("log"),
                        DataLogSettings.defaults().withAllowance(config.log().allowance()));
        opened.add(log, log::close);
        Codespecs codespecs = new Codespecs(database, clock);
        Runs runs = new Runs(database, clock, codespecs, buffers);
        ContainerStore archive = DirectoryContainers.open(disk, clock, data.resolve("run-logs"));
        opened.add(archive, archive::close);
        RunLogs runLogs = new RunLogs(archive, config.runs().logLifetime(), clock);
        return new Storage(
                signer,
                users,
                containers,
                buffers,
                new BufferLayouts(database),
                codespecs,
                runs,
                runLogs,
                log,
                keys);
    }

    private static void notCompared(Throwable reason) {
        LoggerFactory.getLogger(Storage.class)
                .warn(
                        "the catalogue was not compared with the containers; restart the server to"
                                + " do it",
                        reason);
    }

    private static void report(Reconciliation found) {
        Logger log = LoggerFactory.getLogger(Storage.class);
        found.unknown()
                .forEach(id ->
                        log.warn(
                                "container {} has no buffer in the catalogue; it was left alone",
                                id));
        found.missing()
                .forEach(id ->
                        log.warn(
                                "buffer {} is in the catalogue, but its container is missing; stop"
                                        + " the server and put containers/{} back from a backup,"
                                        + " or give the buffer up with 'forebay buffer delete {}'",
                                id,
                                id,
                                id));
    }
}
