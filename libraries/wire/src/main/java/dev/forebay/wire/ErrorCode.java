package dev.forebay.wire;

/** The words of {@code x-ms-error-code} on the data plane. */
public final class ErrorCode {
    public static final String AUTHENTICATION_FAILED = "AuthenticationFailed";
    public static final String AUTHORIZATION_PERMISSION_MISMATCH =
            "AuthorizationPermissionMismatch";
    public static final String UNAUTHORIZED_BLOB_OVERWRITE = "UnauthorizedBlobOverwrite";
    public static final String MD5_MISMATCH = "Md5Mismatch";
    public static final String INVALID_CONTAINER_NAME = "InvalidContainerName";
    public static final String INVALID_BLOB_NAME = "InvalidBlobName";
    public static final String CONTAINER_NOT_FOUND = "ContainerNotFound";
    public static final String BLOB_NOT_FOUND = "BlobNotFound";

    /** What is not well-formed HTTP. */
    public static final String INVALID_INPUT = "InvalidInput";

    /** Of other stores: what has the name stays. */
    public static final String BLOB_ALREADY_EXISTS = "BlobAlreadyExists";

    /** Of other stores: {@code If-None-Match} did not hold. */
    public static final String CONDITION_NOT_MET = "ConditionNotMet";

    private ErrorCode() {}
}
