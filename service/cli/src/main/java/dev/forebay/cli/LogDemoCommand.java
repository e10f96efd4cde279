package dev.forebay.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the data log at work, with a real server. */
@Command(
        name = "log",
        description = {
            "Record a real recording in the data log over gRPC, kill the server in mid-write, download everything.",
            "Exit code 3 if a value differs, or a damaged copy is not refused."
        },
        footerHeading = "%nExample:%n",
        footer = "  forebay demo log --exit",
        mixinStandardHelpOptions = true)
final class LogDemoCommand implements Callable<Integer> {
    @Option(
            names = "--file",
            paramLabel = "FILE",
            description =
                    "Samples of two bytes, 360 a second, to record; default: an electrocardiogram.")
    private Path file;

    @Option(names = "--exit", description = "End when it is done, rather than serve until Ctrl-C.")
    private boolean exit;

    @Option(
            names = "--spoil",
            hidden = true,
            description = "Change a digit of an export, to see it noticed.")
    private boolean spoil;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path launcher = DemoProcesses.launcher();
        Path recording = file != null ? file : DemoProcesses.recording(launcher);
        try (DemoProcesses processes = new DemoProcesses(launcher, Shell.of(spec).out());
                LogDemo demo = new LogDemo(processes, recording)) {
            boolean good = demo.run(spoil);
            if (!good) {
                return Forebay.DAMAGED;
            }
            if (!exit) {
                demo.serve();
            }
            return 0;
        }
    }
}
