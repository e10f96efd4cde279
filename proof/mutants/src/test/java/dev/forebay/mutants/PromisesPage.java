package dev.forebay.mutants;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of {@code docs/promises.md}, made from the entries. */
final class PromisesPage {
    private static final String HEAD =
            """
            # Promises, and how each is proven

            Each promise has a *mutant*: a small patch that breaks it. The build applies the patch to a copy of the code, and the
            named test must then fail by an assertion. A promise without a mutant names its test and says why it has none.

            This page is generated from [`proof/mutants`](../proof/mutants/README.md). Do not edit it: edit the entries, and run

            ```sh
            mvn test -pl proof/mutants -am -Dtest=PromisesTest -Dsurefire.failIfNoSpecifiedTests=false -Dpromises.write=true
            ```
            """;
    private static final Pattern MODULE = Pattern.compile("<module>([^<]*)</module>");
    private static final Pattern DESCRIPTION =
            Pattern.compile("<description>([^<]*)</description>");

    private final Repository repository;
    private final List<Entry> entries;

    PromisesPage(Repository repository, List<Entry> entries) {
        this.repository = repository;
        this.entries = entries;
    }

    /** Sections in the order of the modules in the POM, rows in the order of the entries' names. */
    String text() throws IOException {
        StringBuilder page = new StringBuilder(HEAD);
        Matcher modules = MODULE.matcher(Files.readString(repository.resolve("pom.xml")));
        int written = 0;
        while (modules.find()) {
            String module = modules.group(1);
            String name = module.substring(module.lastIndexOf('/') + 1);
            List<Entry> its = entries.stream().filter(e -> e.module().equals(name)).toList();
            if (!its.isEmpty()) {
                page.append(section(module, its));
                written += its.size();
            }
        }
        if (written != entries.size()) {
            throw new IllegalArgumentException(
                    "expected every folder in proof/mutants to be named like a module, found "
                            + entries.stream().map(Entry::module).distinct().toList());
        }
        return page.toString();
    }

    private String section(String module, List<Entry> its) throws IOException {
        Matcher purpose =
                DESCRIPTION.matcher(Files.readString(repository.resolve(module + "/pom.xml")));
        Map<String, List<Entry>> rows = new LinkedHashMap<>();
        for (Entry entry : its) {
            rows.computeIfAbsent(entry.promise(), promise -> new ArrayList<>()).add(entry);
        }
        return """

        ## `%s`

        %s

        | Promise | Mutant | Test that fails | Limit |
        |---|---|---|---|
        %s
        """
                .formatted(
                        module,
                        purpose.find() ? purpose.group(1) : "",
                        rows.values().stream().map(PromisesPage::row).collect(joining("\n")));
    }

    private static String row(List<Entry> sameRow) {
        Set<String> tests = new LinkedHashSet<>();
        sameRow.forEach(entry -> tests.add(entry.test().toString()));
        sameRow.forEach(entry -> entry.also().forEach(also -> tests.add(also.toString())));
        return "| %s | %s | %s | %s |"
                .formatted(
                        sameRow.getFirst().promise(),
                        sameRow.stream().map(PromisesPage::mutant).collect(joining("; ")),
                        tests.stream().map("`%s`"::formatted).collect(joining(", ")),
                        sameRow.stream()
                                .map(Entry::limit)
                                .filter(limit -> !limit.isEmpty())
                                .distinct()
                                .collect(joining("; ")));
    }

    private static String mutant(Entry entry) {
        return entry.isMutant()
                ? "[%s](../proof/mutants/%s.mutant)".formatted(entry.mutation(), entry.id())
                : "*no mutant:* " + entry.mutation();
    }
}
