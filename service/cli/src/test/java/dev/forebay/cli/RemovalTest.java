package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Delete, restore and purge. */
final class RemovalTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static List<Object> ids(String... args) {
        return CLI.run(args).array().stream()
                .<Object>map(each -> ((Map<?, ?>) each).get("id"))
                .toList();
    }

    @Test
    void aBufferIsDeletedRestoredDeletedAndPurged() {
        String id = CLI.create();
        CLI.run("buffer", "restore", id)
                .failedWith(1, "Buffer is not soft-deleted", "only a deleted buffer");
        CLI.run("buffer", "purge", id)
                .failedWith(1, "Buffer is not soft-deleted", "forebay buffer delete " + id);
        assertThat(CLI.run("buffer", "delete", id).json().get("id")).isEqualTo(id);
        CLI.run("buffer", "delete", id)
                .failedWith(1, "Buffer is already soft-deleted", "forebay buffer purge " + id);
        assertThat(CLI.run("buffer", "restore", id).json().get("isSoftDeleted")).isNull();
        CLI.run("buffer", "delete", id).text();
        assertThat(CLI.run("buffer", "purge", id).json().get("id")).isEqualTo(id);
        CLI.run("buffer", "purge", id).failedWith(1, "was not found");
    }

    @Test
    void severalGiveAnArrayAndTheFirstFailureStops() {
        String one = CLI.create();
        String two = CLI.create();
        String three = CLI.create();
        assertThat(ids("buffer", "delete", one, two)).containsExactly(one, two);
        CLI.run("buffer", "restore", one, three, two)
                .failedWith(1, "not soft-deleted", "restored before it: [" + one + "]");
        CLI.run("buffer", "show", two, "--soft-deleted").text();
    }

    @Test
    void oneThatIsNoIdAmongSeveralStopsAllOfThem() {
        String id = CLI.create();
        CLI.run("buffer", "delete", id, "no-id").failedWith(2, "'no-id' is not a buffer ID");
        CLI.run("buffer", "show", id).text();
    }

    @Test
    void allThatMatchAreTakenNewestFirst() {
        String tag = "bulk=yes";
        String one = CLI.create("--tag", tag);
        String two = CLI.create("--tag", tag);
        String kept = CLI.create("--tag", tag, "--tag", "keep=me");
        String[] filter = {"--tag", tag, "--exclude-tag", "keep=me"};
        assertThat(CLI.run(with("delete", filter)).out()).isEqualTo("Deleted 2 buffers.\n");
        assertThat(ids("buffer", "list", "--tag", tag)).containsExactly(kept);
        assertThat(ids("buffer", "list", "--tag", tag, "--soft-deleted")).containsExactly(two, one);
        assertThat(CLI.run(with("restore", filter)).out()).isEqualTo("Restored 2 buffers.\n");
        CLI.run(with("delete", filter)).text();
        assertThat(CLI.run(with("purge", filter)).out()).isEqualTo("Purged 2 buffers.\n");
        assertThat(CLI.run("buffer", "count", "--soft-deleted", "--tag", tag).text())
                .isEqualTo("0");
        CLI.run("buffer", "restore", one).failedWith(1, "was not found");
    }

    private static String[] with(String command, String... filter) {
        return new String[] {
            "buffer", command, "--force", filter[0], filter[1], filter[2], filter[3]
        };
    }

    @Test
    void withoutForceNothingIsDoneUnlessSomebodySaysYes() {
        String id = CLI.create("--tag", "asked=no");
        CLI.run("buffer", "delete", "--tag", "asked=no")
                .failedWith(2, "nothing was done to 1 buffers", "--force");
        CLI.run("buffer", "show", id).text();
    }

    @Test
    void noIsAnAnswerAndNoFailure() {
        String id = CLI.create("--tag", "asked=yes");
        CLI.answer = "n";
        try {
            Cli.Outcome kept = CLI.run("buffer", "delete", "--tag", "asked=yes");
            assertThat(kept.text()).isEqualTo("Nothing deleted.");
            CLI.run("buffer", "show", id).text();
            CLI.answer = "y";
            assertThat(CLI.run("buffer", "delete", "--tag", "asked=yes").text())
                    .isEqualTo("Deleted 1 buffers.");
        } finally {
            CLI.answer = null;
        }
    }

    @Test
    void thatThereAreNoneIsNoFailure() {
        assertThat(CLI.run("buffer", "delete", "--tag", "unheard=of").out())
                .isEqualTo("No buffers found.\n");
        assertThat(CLI.run("buffer", "delete", "--tag", "unheard=of", "--force").out())
                .isEqualTo("Deleted 0 buffers.\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"delete", "restore", "purge"})
    void exactlyOneWayToSayWhichIsTaken(String command) {
        String one = "One of ID, --tag, or --all must be specified";
        CLI.run("buffer", command).failedWith(2, one);
        CLI.run("buffer", command, "--all", "--tag", "a=b").failedWith(2, one);
        CLI.run("buffer", command, "aaaa", "--all").failedWith(2, one);
        CLI.run("buffer", command, "--exclude-tag", "a=b").failedWith(2, one);
        CLI.run("buffer", command, "aaaa", "--exclude-tag", "a=b")
                .failedWith(2, "--exclude-tag goes with --tag or --all");
    }
}
