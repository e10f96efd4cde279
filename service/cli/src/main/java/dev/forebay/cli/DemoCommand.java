package dev.forebay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the product at work, with real processes. */
@Command(
        name = "demo",
        description = {
            "Let a real recording flow through a real server while another process follows it.",
            "Exit code 3 if a byte differs, or a damaged copy is not refused."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  forebay demo --pull-plug --exit",
            "  forebay demo log --exit",
            "  forebay demo run"
        },
        subcommands = {LogDemoCommand.class, RunDemoCommand.class},
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "What to send; default: an electrocardiogram.")
    private Path file;

    @Option(names = "--exit", description = "End when it is done, rather than serve until Ctrl-C.")
    private boolean exit;

    @Option(
            names = "--pull-plug",
            description = "Kill the server in mid-stream, and start it again.")
    private boolean pullPlug;

    @Option(
            names = "--spoil",
            hidden = true,
            description = "Change a byte of what was followed, to see it noticed.")
    private boolean spoil;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path launcher = DemoProcesses.launcher();
        Path recording = file != null ? file : DemoProcesses.recording(launcher);
        if (Files.size(recording) == 0) {
            throw new IllegalArgumentException(
                    "--file: '%s' is empty; expected a recording to send".formatted(recording));
        }
        try (DemoProcesses processes = new DemoProcesses(launcher, Shell.of(spec).out())) {
            Demo demo = new Demo(processes, recording);
            boolean good = demo.run(pullPlug, spoil);
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
