package dev.forebay.server;

import dev.forebay.wire.control.ControlErrorCode;
import dev.forebay.wire.control.ErrorBody;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The rules of section 2.3 of the reference's protocol for the parameter {@code api-version}. */
final class ApiVersion {
    static final List<String> SUPPORTED = List.of("1.0");
    private static final Pattern FORM = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

    private ApiVersion() {}

    /** What is wrong with the version asked for, if anything is. */
    static Optional<ErrorBody> complaint(RequestTarget target) {
        List<String> asked = target.query().getOrDefault("api-version", List.of());
        if (asked.size() == 1 && SUPPORTED.contains(asked.getFirst())) {
            return Optional.empty(); // As in each access URL of this server.
        }
        List<String> given =
                asked.stream()
                        .filter(value -> !value.isEmpty())
                        .map(value -> value.contains(".") ? value : value + ".0")
                        .distinct()
                        .toList();
        if (given.isEmpty()) {
            return target.legacy()
                    ? Optional.empty()
                    : complain(ControlErrorCode.API_VERSION_UNSPECIFIED, "Unspecified API version");
        }
        if (given.size() > 1) {
            return complain(ControlErrorCode.AMBIGUOUS_API_VERSION, "Ambiguous API version");
        }
        String version = given.getFirst();
        if (!FORM.matcher(version).matches()) {
            return complain(ControlErrorCode.INVALID_API_VERSION, "Invalid API version");
        }
        return SUPPORTED.contains(version)
                ? Optional.empty()
                : complain(ControlErrorCode.UNSUPPORTED_API_VERSION, "Unsupported API version");
    }

    private static Optional<ErrorBody> complain(String code, String message) {
        return Optional.of(new ErrorBody(new ErrorBody.Detail(code, message, SUPPORTED)));
    }
}
