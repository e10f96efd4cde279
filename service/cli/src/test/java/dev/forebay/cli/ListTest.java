package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.client.ForebayClient;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Listing more than fits on a page. */
final class ListTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static final int MANY = 2005;
    private static final int AT_A_TIME = 8;

    @BeforeAll
    static void createMany() {
        ForebayClient client = new ForebayClient(URI.create(CLI.url()));
        Semaphore atATime = new Semaphore(AT_A_TIME);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < MANY; i++) {
                String group = i < 1000 ? "thousand" : "rest";
                threads.execute(() -> {
                    atATime.acquireUninterruptibly();
                    client.create(Map.of("group", group));
                    atATime.release();
                });
            }
        }
    }

    private static List<?> ids(Cli.Outcome outcome) {
        return outcome.array().stream().map(each -> ((Map<?, ?>) each).get("id")).toList();
    }

    @Test
    void aThousandAreListedAndAWarningSaysThereAreMore() {
        Cli.Outcome outcome = CLI.run("buffer", "list");
        assertThat(ids(outcome)).hasSize(1000).doesNotHaveDuplicates();
        assertThat(outcome.err())
                .startsWith("Warning: the output was truncated. Specify the --limit parameter")
                .contains("--all");
    }

    @Test
    void exactlyAThousandAreListedWithoutAWarning() {
        Cli.Outcome outcome = CLI.run("buffer", "list", "--tag", "group=thousand");
        assertThat(outcome.array()).hasSize(1000);
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void aThousandAndOneAreListedAsAThousandWithAWarning() {
        CLI.run("buffer", "create", "--tag", "group=thousand").text();
        Cli.Outcome outcome = CLI.run("buffer", "list", "--tag", "group=thousand");
        assertThat(outcome.array()).hasSize(1000);
        assertThat(outcome.err()).startsWith("Warning: ");
        String newest = (String) ids(outcome).getFirst();
        CLI.run("buffer", "delete", newest).text();
    }

    @Test
    void allMeansAll() {
        Cli.Outcome outcome = CLI.run("buffer", "list", "--all");
        assertThat(ids(outcome)).hasSize((int) CLI.count()).doesNotHaveDuplicates();
        assertThat(outcome.array().size()).isGreaterThanOrEqualTo(MANY);
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void aLimitIsKeptOnOnePageAndOverSeveral() {
        List<?> newest = ids(CLI.run("buffer", "list", "--all"));
        for (int limit : new int[] {1, 2, 1000, 1001, 2001}) {
            Cli.Outcome outcome = CLI.run("buffer", "list", "-l", String.valueOf(limit));
            assertThat(ids(outcome)).isEqualTo(newest.subList(0, limit));
            assertThat(outcome.err()).isEmpty();
        }
        assertThat(ids(CLI.run("buffer", "list", "--limit", "100000"))).isEqualTo(newest);
    }

    @Test
    void aLimitOfNoneGivesNone() {
        assertThat(CLI.run("buffer", "list", "--limit", "0").out()).isEqualTo("[]\n");
    }

    @Test
    void aLimitThatIsNoneIsRefused() {
        CLI.run("buffer", "list", "--limit", "-1").failedWith(2, "--limit must be 0 or more");
        CLI.run("buffer", "list", "--limit", "x").failedWith(2, "--limit", "'x'");
        CLI.run("buffer", "list", "--limit", "1", "--all").failedWith(2, "not both");
        CLI.run("buffer", "list", "--format", "xml")
                .failedWith(2, "expected json or table, found 'xml'");
    }

    @Test
    void aNewBufferIsListedAsItWasCreated() {
        Object created = CLI.run("buffer", "create", "--full-resource", "--tag", "new=est").json();
        assertThat(CLI.run("buffer", "list", "--tag", "new=est").array())
                .isEqualTo(List.of(created));
    }

    @Test
    void aTableIsForPeople() {
        String id = CLI.create("--tag", "table=yes", "--tag", "b=2");
        List<String> lines =
                CLI.run("buffer", "list", "--format", "TABLE", "--tag", "table=yes")
                        .text()
                        .lines()
                        .toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst()).startsWith("ID ");
        assertThat(lines.getLast()).startsWith(id).contains("table=yes").contains("b=2");
    }
}
