package dev.forebay.blobhttp;

import dev.forebay.base.Printable;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.wire.Headers;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a status and an {@code x-ms-error-code} mean, by the tables of the reference's data plane
 * and the words that other stores of its kind use.
 */
final class Answers {
    private static final Pattern DETAIL =
            Pattern.compile("<AuthenticationErrorDetail>([^<]{0,200})");

    /** Digits of a time in milliseconds. */
    private static final int LONGEST_MILLIS = 9;

    private Answers() {}

    static String code(HttpAnswer answer) {
        return answer.first(BlobHeaders.ERROR_CODE).map(Printable::of).orElse("");
    }

    /** How long the other side held the request until the blob was there, if it says so. */
    static Optional<Duration> held(AnswerHead head) {
        String millis = head.first(Headers.HELD).orElse("");
        if (millis.isEmpty() || millis.length() > LONGEST_MILLIS) {
            return Optional.empty();
        }
        for (int i = 0; i < millis.length(); i++) {
            if (millis.charAt(i) < '0' || millis.charAt(i) > '9') {
                return Optional.empty();
            }
        }
        return Optional.of(Duration.ofMillis(Long.parseLong(millis)));
    }

    /** The name is taken; nothing was changed. */
    static boolean exists(HttpAnswer answer) {
        return answer.status() == 412
                || switch (code(answer)) {
                    case DataErrorCode.UNAUTHORIZED_BLOB_OVERWRITE,
                            DataErrorCode.BLOB_ALREADY_EXISTS,
                            DataErrorCode.CONDITION_NOT_MET ->
                            true;
                    default -> false;
                };
    }

    static boolean refusesCredential(HttpAnswer answer) {
        return answer.status() == 403 && code(answer).equals(DataErrorCode.AUTHENTICATION_FAILED);
    }

    /**
     * The fault of an answer that is none of those a call expects.
     *
     * @param doing such as {@code putting blob 00/000}
     * @param right such as {@code write}
     */
    static ContainerException fault(HttpAnswer answer, String doing, String right, AccessUrl url) {
        String code = code(answer);
        String said = url.scrub(ErrorText.of(answer.explanation()));
        String what =
                "%s at %s: status %d%s"
                        .formatted(doing, url, answer.status(), code.isEmpty() ? "" : " " + code);
        return switch (code) {
            case DataErrorCode.AUTHENTICATION_FAILED ->
                    new ContainerException(
                            Fault.BAD_CREDENTIAL, "invalid access URL" + detail(answer, url));
            case DataErrorCode.AUTHORIZATION_PERMISSION_MISMATCH ->
                    new ContainerException(
                            Fault.NOT_PERMITTED,
                            "the access url does not allow %s access; ask for one that does"
                                    .formatted(right));
            case DataErrorCode.CONTAINER_NOT_FOUND ->
                    new ContainerException(Fault.MISSING_CONTAINER, "no container at " + url);
            case DataErrorCode.BLOB_DAMAGED ->
                    new ContainerException(
                            Fault.DAMAGED,
                            "%s: the server found the stored blob damaged%s; restore it from another copy"
                                    .formatted(what, said.isEmpty() ? "" : ": " + said));
            case DataErrorCode.INVALID_BLOB_NAME, DataErrorCode.INVALID_CONTAINER_NAME ->
                    new ContainerException(Fault.BAD_REQUEST, what);
            default -> byStatus(answer, what, said);
        };
    }

    private static ContainerException byStatus(HttpAnswer answer, String what, String said) {
        int status = answer.status();
        return switch (status) {
            case 413 ->
                    new ContainerException(
                            Fault.BAD_REQUEST,
                            "%s: the blob is larger than the server takes%s; use a smaller block size"
                                    .formatted(what, said.isEmpty() ? "" : " (" + said + ")"));
            case 408, 504 -> new ContainerException(Fault.TIMED_OUT, what);
            case 429 -> later(Fault.THROTTLED, what, answer);
            case 503 -> later(Fault.UNAVAILABLE, what, answer);
            case 507 -> new ContainerException(Fault.NO_SPACE, what + ": no space is left there");
            default -> {
                if (status >= 500 && status != 501) {
                    yield new ContainerException(Fault.UNAVAILABLE, what);
                }
                // A refusal that explains itself in no word of the protocol: another server.
                yield new ContainerException(
                        status >= 400 ? Fault.BAD_REQUEST : Fault.FAILED,
                        what
                                + (said.isEmpty() ? "" : ": " + said)
                                + (code(answer).isEmpty() ? "; is this an access URL?" : ""));
            }
        };
    }

    private static ContainerException later(Fault fault, String what, HttpAnswer answer) {
        return new ContainerException(fault, what, null, RetryAfter.of(answer).orElse(null));
    }

    private static String detail(HttpAnswer answer, AccessUrl url) {
        Matcher found = DETAIL.matcher(answer.explanation());
        if (found.find()) {
            return ": " + url.scrub(Printable.of(found.group(1)));
        }
        return " of " + url + ": it is expired or wrong; get a new one from the server";
    }
}
