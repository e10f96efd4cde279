package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The help of every command, and the page made of it. */
final class ManualTest {
    /** It ends with the command to start with. */
    private static final Set<String> WITHOUT_EXAMPLE = Set.of("forebay");

    @Test
    void thePageIsWhatTheCommandsSay() throws IOException {
        Path page = Path.of(System.getProperty("basedir", "."), "..", "..", "docs", "cli.md");
        if (System.getProperty("forebay.manual", "").equals("write")) {
            Files.writeString(page, Manual.page());
        }
        assertThat(Files.readString(page))
                .as(
                        "docs/cli.md is not what the commands say of themselves; make it anew with"
                                + " mvn -pl service/cli -am test -Dtest=ManualTest -Dforebay.manual=write"
                                + " -Dsurefire.failIfNoSpecifiedTests=false")
                .isEqualTo(Manual.page());
    }

    private static Stream<String> commands() {
        return Manual.all(Manual.program())
                .map(command -> command.getCommandSpec().qualifiedName());
    }

    private static CommandLine named(String name) {
        return Manual.all(Manual.program())
                .filter(command -> command.getCommandSpec().qualifiedName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandSaysWhatItIsForAndShowsAnExample(String name) {
        UsageMessageSpec usage = named(name).getCommandSpec().usageMessage();
        assertThat(usage.description()).isNotEmpty();
        assertThat(usage.description()[0]).endsWith(".").hasSizeLessThan(110);
        if (!WITHOUT_EXAMPLE.contains(name)) {
            assertThat(usage.footerHeading()).contains("Example");
            assertThat(String.join("\n", usage.footer())).contains(name);
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyArgumentIsDescribedInASentence(String name) {
        for (ArgSpec arg : named(name).getCommandSpec().args()) {
            assertThat(String.join(" ", arg.description())).as(arg.toString()).endsWith(".");
        }
    }
}
