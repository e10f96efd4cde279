package dev.forebay.cli;

import dev.forebay.server.ForebayServer;
import dev.forebay.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a server until it is told to end. */
@Command(
        name = "serve",
        description = "Run a server on loopback until SIGTERM or Ctrl-C.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class ServeCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Its directory; default $$XDG_DATA_HOME/forebay.")
    private Path data;

    @Option(names = "--port", paramLabel = "N", description = "Where to listen; 0: a free port.")
    private int port = ServerConfig.DEFAULT_PORT;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path directory = data != null ? data : Session.folder("XDG_DATA_HOME", ".local/share");
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        ForebayServer server =
                ForebayServer.start(ServerConfig.of(directory.toAbsolutePath(), port));
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endGently(told, ended), "end"));
        spec.commandLine().getOut().println("listening on " + server.uri());
        spec.commandLine().getOut().flush();
        told.await();
        try {
            server.close();
        } finally {
            ended.countDown();
        }
        return 0;
    }

    /** The process ends when its hooks do, so this one waits for the server. */
    private static void endGently(CountDownLatch told, CountDownLatch ended) {
        told.countDown();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
