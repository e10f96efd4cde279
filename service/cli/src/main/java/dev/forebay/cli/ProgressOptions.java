package dev.forebay.cli;

import dev.forebay.cli.Progress.Shown;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How much a transfer says on standard error. */
final class ProgressOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--quiet",
            description = "Print nothing but warnings and errors on standard error.")
    private boolean quiet;

    @Option(
            names = "--no-progress",
            description =
                    "Print no running line, which only a terminal gets, but the sum at the end.")
    private boolean noProgress;

    /**
     * Tells how a transfer goes that begins now.
     *
     * @param dataToTerminal whether the data may end up on the terminal, where a running line would
     *     overwrite them
     */
    Progress begin(boolean dataToTerminal) {
        Shell shell = Shell.of(spec);
        if (quiet) {
            return shell.progress(Shown.WARNINGS);
        }
        boolean line = !noProgress && !dataToTerminal && shell.isWatched();
        return shell.progress(line ? Shown.RUNNING_LINE : Shown.SUM);
    }
}
