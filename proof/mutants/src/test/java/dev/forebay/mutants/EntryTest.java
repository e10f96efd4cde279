package dev.forebay.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntryTest {
    private static final Path FILE = Path.of("proof/mutants/blob/wakes-early.mutant");
    private static final String PATCH = "\n--- x/X.java\n@@\n-a\n+b\n";

    private static Entry parse(String text) {
        return Entry.parse(FILE, text.lines().toList());
    }

    @Test
    void anEntryHasItsFieldsAndItsPatch() {
        Entry entry =
                parse(
                        """
                        promise: A waiter is woken
                          once there is something
                        mutant: woken: too early
                        test: ATest#wakes
                        also: stream/BTest#sees, CTest
                        limit: none
                        """
                                + PATCH);
        assertThat(entry.id()).isEqualTo("blob/wakes-early");
        assertThat(entry.promise()).isEqualTo("A waiter is woken once there is something");
        assertThat(entry.mutation()).isEqualTo("woken: too early");
        assertThat(entry.test()).isEqualTo(new Entry.TestName("blob", "ATest", "wakes"));
        assertThat(entry.also())
                .isEqualTo(
                        List.of(
                                new Entry.TestName("stream", "BTest", "sees"),
                                new Entry.TestName("blob", "CTest", "")));
        assertThat(entry.isMutant()).isTrue();
    }

    @Test
    void anEntryWithoutAPatchSaysWhy() {
        assertThat(parse("promise: p\nno-mutant: processes are killed\ntest: ATest").isMutant())
                .isFalse();
        assertThatThrownBy(() -> parse("promise: p\nmutant: m\ntest: ATest"))
                .hasMessageContaining("no-mutant");
    }

    @Test
    void whatIsMissingMisspeltOrThereTwiceIsRefused() {
        assertThatThrownBy(() -> parse("promise: p\nmutant: m" + PATCH))
                .hasMessageContaining("expected a line 'test: ...'");
        assertThatThrownBy(() -> parse("promise: p\nmutant: m\ntest: ATest" + PATCH))
                .hasMessageContaining("found the class alone");
        assertThatThrownBy(() -> parse("promises: p")).hasMessageContaining("found: promises: p");
        assertThatThrownBy(() -> parse("test: A\ntest: B")).hasMessageContaining("found: test: B");
    }
}
