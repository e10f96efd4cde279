package dev.forebay.control;

import java.util.List;
import java.util.Optional;

/** Buffers, newest first, and where the next ones begin, if there are more. */
public record BufferPage(List<Buffer> buffers, Optional<String> continuation) {
    public BufferPage {
        buffers = List.copyOf(buffers);
    }
}
