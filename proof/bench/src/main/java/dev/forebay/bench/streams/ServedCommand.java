package dev.forebay.bench.streams;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A command beside a server that runs for it alone, as one shell script: what the script costs is
 * what both cost, from their starts to their ends.
 */
record ServedCommand(String server, int port) {
    /** The script that runs {@code command} once the server listens. */
    String around(String command) {
        return """
        %1$s >/dev/null 2>&1 & server=$!
        until { : >/dev/tcp/127.0.0.1/%2$d; } 2>/dev/null; do sleep 0.1; done
        code=0
        { %3$s; } || code=$?
        kill $server; wait $server || true
        (exit $code)\
        """
                .formatted(server, port, command);
    }

    /** Whether a program of this name is on the path. */
    static boolean isInstalled(String program) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
