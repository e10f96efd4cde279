package dev.forebay.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Says where the AOT caches are. The launcher makes them before it starts any command and, for this
 * one, fails if they cannot be made.
 */
@Command(
        name = "setup",
        description = {
            "Prepare quick starts now, and not at the first command.",
            "They are kept beside the program; where its folder cannot be written, under $$XDG_CACHE_HOME. Exit code 1 if neither can be written."
        },
        footerHeading = "%nExample:%n",
        footer = "  sudo /opt/forebay/forebay setup",
        mixinStandardHelpOptions = true)
final class SetupCommand implements Callable<Integer> {
    /** The folder of the AOT caches that the launcher found or made; empty if there is none. */
    private static final String FOLDER = "forebay.quick-starts";

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        String folder = System.getProperty(FOLDER, "");
        if (folder.isEmpty()) {
            Shell.of(spec)
                    .err()
                    .println(
                            "Error: expected a folder with prepared starts from the launcher, found none; run the launcher 'forebay' where its folder or $XDG_CACHE_HOME can be written");
            return Failures.FAILED;
        }
        Shell.of(spec).out().println("quick starts are prepared in " + folder);
        return 0;
    }
}
