package dev.forebay.wire.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.jspecify.annotations.Nullable;

/**
 * A port that a job listens on, and the buffers whose bytes go in and come out; clients may send
 * more, which is ignored.
 *
 * @param port 1 to 65535
 * @param inputBuffer whose bytes go into it, by the name of its parameter
 * @param outputBuffer that takes what comes out, by the name of its parameter
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record SocketBody(
        @Nullable Integer port, @Nullable String inputBuffer, @Nullable String outputBuffer) {
    /** Empty names count as absent. */
    public SocketBody {
        inputBuffer = Absent.ifEmpty(inputBuffer);
        outputBuffer = Absent.ifEmpty(outputBuffer);
    }
}
