package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.blob.testing.MemoryContainer;
import org.junit.jupiter.api.Test;

/** Marking a buffer for a writer that is gone. */
class GiveUpTest {
    private final MemoryContainer container = new MemoryContainer();
    private final BufferWriter writer = new BufferWriter(container, Streams.WRITE);

    @Test
    void readersOfABufferThatWasGivenUpEnd() {
        assertThat(writer.giveUp()).isEqualTo(FailureMark.WRITTEN);
        assertThat(writer.giveUp()).isEqualTo(FailureMark.WRITTEN);
        assertThatThrownBy(() -> Streams.read(container)).isInstanceOf(BufferFailedException.class);
    }

    @Test
    void completeBufferStaysComplete() {
        Streams.write(container, Streams.BYTES);
        assertThat(writer.giveUp()).isEqualTo(FailureMark.NOT_NEEDED);
        assertThat(Streams.read(container)).isEqualTo(Streams.BYTES);
    }

    @Test
    void bufferThatDoesNotExistNeedsNoMark() {
        container.delete();
        assertThat(writer.giveUp()).isEqualTo(FailureMark.NOT_NEEDED);
    }
}
