package dev.forebay.wire.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.jspecify.annotations.Nullable;

/**
 * A port that a job listens on, and the buffers whose bytes go in and come out; clients may send
 * more, which is ignored.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record SocketBody(
        @Nullable Integer port, @Nullable String inputBuffer, @Nullable String outputBuffer) {
    public SocketBody {
        inputBuffer = Absent.ifEmpty(inputBuffer);
        outputBuffer = Absent.ifEmpty(outputBuffer);
    }
}
