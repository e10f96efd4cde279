package dev.forebay.wire.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane says with a status of 400 and above.
 *
 * @param error what is wrong
 */
public record ErrorBody(Detail error) {
    /**
     * What is wrong.
     *
     * @param code one of {@link ControlErrorCode}
     * @param message a sentence for people
     * @param apiVersions the versions there are, when the one asked for was the fault
     */
    public record Detail(String code, String message, @Nullable List<String> apiVersions) {}

    /**
     * An error without versions.
     *
     * @param code one of {@link ControlErrorCode}
     * @param message a sentence for people
     * @return that error
     */
    public static ErrorBody of(String code, String message) {
        return new ErrorBody(new Detail(code, message, null));
    }
}
