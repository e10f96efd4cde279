package dev.forebay.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows a run at work, with a real server and a program of this machine. */
@Command(
        name = "run",
        description = {
            "Let a program smooth a real recording while it is being written.",
            "Exit code 3 if a value differs."
        },
        footerHeading = "%nExample:%n",
        footer = "  forebay demo run",
        mixinStandardHelpOptions = true)
final class RunDemoCommand implements Callable<Integer> {
    @Option(
            names = "--spoil",
            hidden = true,
            description = "Change a value of what came, to see it noticed.")
    private boolean spoil;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path launcher = DemoProcesses.launcher();
        try (DemoProcesses processes = new DemoProcesses(launcher, Shell.of(spec).out())) {
            RunDemo demo = new RunDemo(processes, DemoProcesses.recording(launcher));
            return demo.run(spoil) ? 0 : Forebay.DAMAGED;
        }
    }
}
