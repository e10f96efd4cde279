package org.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The code in docs/testing.md is code of this project, character for character. */
class GuideTest {
    private static final Pattern MARKED =
            Pattern.compile("(?ms)^ *// snippet: (\\S+)\\n(.*?)^ *// end$");
    private static final Pattern PRINTED = Pattern.compile("(?ms)^```java (\\S+)\\n(.*?)^```$");

    @Test
    void everyCodeBlockOfTheGuideIsASnippetAndEverySnippetIsPrinted() throws IOException {
        Map<String, String> marked = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                marked.putAll(blocks(MARKED, Files.readString(file)));
            }
        }
        String guide = Files.readString(Path.of("../../docs/testing.md"));
        assertThat(blocks(PRINTED, guide)).isEqualTo(marked).hasSizeGreaterThan(4);
        assertThat(guide.lines().filter(line -> line.startsWith("```java"))).hasSize(marked.size());
    }

    private static Map<String, String> blocks(Pattern pattern, String text) {
        Map<String, String> blocks = new TreeMap<>();
        for (Matcher found = pattern.matcher(text); found.find(); ) {
            blocks.put(found.group(1), found.group(2).stripTrailing().stripIndent());
        }
        return blocks;
    }
}
