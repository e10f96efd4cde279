package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The commands on codespecs, with the options of the reference. */
final class CodespecCommandTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir Path temp;

    private Path file(String yaml) throws IOException {
        return Files.writeString(temp.resolve("codespec.yml"), yaml);
    }

    private static Map<Object, Object> show(String name) {
        return new HashMap<>(CLI.run("codespec", "show", name).json());
    }

    @Test
    void createPrintsTheVersionAndNothingElse() {
        String[] one = {"codespec", "create", "versions", "--image", "busybox", "-e", "A=1"};
        assertThat(CLI.run(one).out()).isEqualTo("1\n");
        assertThat(CLI.run(one).out()).isEqualTo("1\n");
        CLI.run("codespec", "create", "versions", "--image", "busybox").text();
        assertThat(show("versions").get("version")).isEqualTo(2);
        assertThat(CLI.run("codespec", "show", "versions", "--version", "1").json().get("env"))
                .isEqualTo(Map.of("A", "1"));
    }

    @Test
    void everyOptionIsAFieldOfTheCodespec() {
        CLI.run(
                        "codespec create all --kind job --image i -r 3 -i a,b -i c -o d -e A=1=2 -e B="
                                .split(" "))
                .text();
        Map<Object, Object> made = show("all");
        assertThat(made.get("maxReplicas")).isEqualTo(3);
        assertThat(made.get("env")).isEqualTo(Map.of("A", "1=2", "B", ""));
        assertThat(made.get("buffers"))
                .isEqualTo(Map.of("inputs", List.of("a", "b", "c"), "outputs", List.of("d")));
        CLI.run(
                        ("codespec create all --kind worker --image i --identity me --endpoint x=80"
                                        + " --cpu-request 500m --memory-request 1Gi --cpu-limit 1"
                                        + " --memory-limit 2Gi --gpu 1 --shm 64Mi")
                                .split(" "))
                .text();
        Map<Object, Object> worker = show("all");
        assertThat(worker.get("kind")).isEqualTo("worker");
        assertThat(worker.get("identity")).isEqualTo("me");
        assertThat(worker.get("endpoints")).isEqualTo(Map.of("x", 80));
        assertThat(worker.get("resources"))
                .isEqualTo(
                        Map.of(
                                "requests",
                                Map.of("cpu", "500m", "memory", "1Gi"),
                                "limits",
                                Map.of("cpu", "1", "memory", "2Gi"),
                                "gpu",
                                "1",
                                "shm",
                                "64Mi"));
    }

    @Test
    void whatFollowsTwoDashesIsTheArgumentsOrTheCommand() {
        CLI.run("codespec", "create", "words", "--image", "i", "--", "-x", "--image", "y").text();
        assertThat(show("words").get("args")).isEqualTo(List.of("-x", "--image", "y"));
        CLI.run("codespec", "create", "words", "--image", "i", "--command", "--", "sh", "-c")
                .text();
        assertThat(show("words").get("command")).isEqualTo(List.of("sh", "-c"));
        assertThat(show("words")).doesNotContainKey("args");
    }

    @Test
    void aFileGivesTheFieldsAndOptionsTakePrecedence() throws IOException {
        Path file =
                file(
                        """
                        image: from-file
                        args: ["$(IN_PIPE)"]
                        env:
                          A: "1"
                          B: "2"
                        buffers:
                          inputs: [in]
                        resources:
                          limits: {cpu: 1.5, memory: 1Gi}
                        """);
        CLI.run("codespec", "create", "filed", "-f", file.toString()).text();
        assertThat(show("filed"))
                .containsEntry("kind", "job")
                .containsEntry("image", "from-file")
                .containsEntry("args", List.of("$(IN_PIPE)"));
        CLI.run(
                        "codespec",
                        "create",
                        "filed",
                        "-f",
                        file.toString(),
                        "--image",
                        "given",
                        "-e",
                        "B=3",
                        "--cpu-limit",
                        "2")
                .text();
        Map<Object, Object> laid = show("filed");
        assertThat(laid.get("image")).isEqualTo("given");
        assertThat(laid.get("env")).isEqualTo(Map.of("A", "1", "B", "3"));
        assertThat(laid.get("resources"))
                .isEqualTo(Map.of("limits", Map.of("cpu", "2", "memory", "1Gi")));
    }

    @Test
    void whatShowPrintsIsAFileForTheSameVersion() throws IOException {
        CLI.run("codespec", "create", "round", "--image", "i", "-i", "in", "--gpu", "1").text();
        Path file = file(CLI.run("codespec", "show", "round").out());
        assertThat(CLI.run("codespec", "create", "round", "-f", file.toString()).text())
                .isEqualTo("1");
    }

    @Test
    void aWrongFileIsSaidWithItsPlaceAndCreatesNothing() throws IOException {
        String[][] rows = {
            {"image: [", "is not YAML", "line"},
            {"image: a\nimage: b\n", "is not YAML", "image"},
            {"- a\n- b\n", "expected fields of YAML", "found a list of 2", "'image: busybox'"},
            {"", "expected fields of YAML", "found nothing", "'image: busybox'"},
            {"# words\n", "expected fields of YAML", "found nothing"},
            {"---\n", "expected fields of YAML", "found nothing"},
            {"busybox\n", "expected fields of YAML", "found a text"},
            {"image: a\ncolour: red\n", "Unrecognized property 'colour'"},
            {"image: a\nenv: 3\n", "Path: $.env"},
            {"image: a\nresources: {gpu: many}\n", "Path: $.resources.gpu"}
        };
        for (String[] row : rows) {
            String[] said = Arrays.copyOfRange(row, 1, row.length);
            CLI.run("codespec", "create", "wrong", "-f", file(row[0]).toString())
                    .failedWith(1, said);
        }
        CLI.run("codespec", "create", "wrong", "-f", temp.resolve("none").toString())
                .failedWith(1, "none");
        CLI.run("codespec", "show", "wrong").failedWith(1, "'wrong' was not found");
    }

    @Test
    void invalidCodespecNamesAreRefusedWithoutAskingTheServer() {
        for (String name : List.of("Foo", "foo bar", "foo/bar")) {
            for (String command : List.of("create", "show", "set")) {
                CLI.run("codespec", command, name, "--server", "http://127.0.0.1:9")
                        .failedWith(2, "'" + name + "'", "codespec name");
            }
        }
        assertThat(CLI.run("codespec", "create", "foo-1_2.9", "--image", "i").text())
                .isEqualTo("1");
    }

    @Test
    void whatTheServerRefusesIsSaidInItsWords() {
        CLI.run("codespec", "create", "bad", "--image", "i", "-i", "FOO")
                .failedWith(1, "Buffer names must consist");
        CLI.run("codespec", "create", "bad").failedWith(1, "required properties", "'image'");
        CLI.run("codespec", "create", "bad", "--image", "i", "-k", "x").failedWith(1, "'worker'");
        CLI.run("codespec", "show", "bad", "--version", "2")
                .failedWith(1, "'bad/versions/2' was not found", "forebay codespec list");
    }

    @Test
    void listIsByNameAndSelectsByPrefixAndTag() {
        for (String name : List.of("list-b", "list-a", "list_c")) {
            CLI.run("codespec", "create", name, "--image", "i").text();
        }
        CLI.run("codespec", "set", "list-b", "--tag", "team=mri,state=new").text();
        assertThat(names("--prefix", "list-")).isEqualTo(List.of("list-a", "list-b"));
        assertThat(names("-p", "list", "-l", "2")).isEqualTo(List.of("list-a", "list-b"));
        assertThat(names("-p", "list", "--tag", "team=mri")).isEqualTo(List.of("list-b"));
        assertThat(CLI.run("codespec", "list", "-p", "nothing-of-that").out()).isEqualTo("[]\n");
        CLI.run("codespec", "list", "-l", "-1").failedWith(2, "--limit must be 0 or more");
    }

    private static List<?> names(String... options) {
        String[] words =
                Stream.concat(Stream.of("codespec", "list"), Stream.of(options))
                        .toArray(String[]::new);
        return CLI.run(words).array().stream().map(each -> ((Map<?, ?>) each).get("name")).toList();
    }

    @Test
    void setLaysTagsOverThoseThereAndTakesTheVersionItIsTold() {
        CLI.run("codespec", "create", "tagged", "--image", "i").text();
        Map<?, ?> none = CLI.run("codespec", "set", "tagged").json();
        assertThat(none.get("tags")).isEqualTo(Map.of());
        CLI.run("codespec", "set", "tagged", "--tag", "a=1,b=1").text();
        Map<?, ?> laid = CLI.run("codespec", "set", "tagged", "--tag", "b=2").json();
        assertThat(laid.get("tags")).isEqualTo(Map.of("a", "1", "b", "2"));
        CLI.run("codespec", "set", "tagged", "--clear-tags", "--etag", "1")
                .failedWith(1, "ETag does not match", "codespec set");
        String eTag = String.valueOf(laid.get("eTag"));
        assertThat(
                        CLI.run("codespec", "set", "tagged", "--clear-tags", "--etag", eTag)
                                .json()
                                .get("tags"))
                .isEqualTo(Map.of());
        CLI.run("codespec", "set", "untold", "--tag", "a=1").failedWith(1, "'untold'");
        assertThat(show("tagged")).doesNotContainKey("tags");
    }
}
