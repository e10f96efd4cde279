package dev.forebay.control;

import dev.forebay.wire.control.CodespecBody;
import java.util.List;
import java.util.Optional;

/** The latest versions of codespecs by name, and where the next ones begin, if there are more. */
public record CodespecPage(List<CodespecBody> codespecs, Optional<String> continuation) {
    public CodespecPage {
        codespecs = List.copyOf(codespecs);
    }
}
