package dev.forebay.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PatchTest {
    private static final String SOURCE = "a\n    b\n    c\nd\nb\n";

    private static String apply(String diff) {
        List<Patch> patches = Patch.parse(diff.lines().toList());
        assertThat(patches).hasSize(1);
        assertThat(patches.getFirst().path()).isEqualTo("x/X.java");
        return patches.getFirst().apply(SOURCE);
    }

    @Test
    void contextFindsThePlaceWhateverTheIndentation() {
        assertThat(
                        apply(
                                """
                                diff --git a/x/X.java b/x/X.java
                                --- a/x/X.java
                                +++ b/x/X.java
                                @@ -100,2 +100,2 @@
                                 b
                                -c
                                +e

                                """))
                .isEqualTo("a\n    b\ne\nd\nb\n");
    }

    @Test
    void severalHunksApplyInOneFile() {
        assertThat(apply("--- x/X.java\n@@\n-a\n@@\n-d\n+e\n+f\n"))
                .isEqualTo("    b\n    c\ne\nf\nb\n");
    }

    @Test
    void linesThatAreMissingOrThereTwiceAreRefused() {
        assertThatThrownBy(() -> apply("--- x/X.java\n@@\n-e\n"))
                .hasMessageContaining("does not apply")
                .hasMessageContaining("once in x/X.java, found them 0 times");
        assertThatThrownBy(() -> apply("--- x/X.java\n@@\n-b\n"))
                .hasMessageContaining("once in x/X.java, found them 2 times");
    }

    @Test
    void aHunkThatChangesNothingIsRefused() {
        assertThatThrownBy(() -> apply("--- x/X.java\n@@\n a\n"))
                .hasMessageContaining("expected hunks that each change a line of x/X.java");
        assertThatThrownBy(() -> apply("--- x/X.java\n"))
                .hasMessageContaining("expected hunks that each change a line of x/X.java");
    }
}
