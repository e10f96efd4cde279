package dev.forebay.wire.data;

/** The values of {@link BlobHeaders#ERROR_CODE}. */
public final class DataErrorCode {
    /** 403. */
    public static final String AUTHENTICATION_FAILED = "AuthenticationFailed";

    /** 403. */
    public static final String AUTHORIZATION_PERMISSION_MISMATCH =
            "AuthorizationPermissionMismatch";

    /** 403: the blob exists. */
    public static final String UNAUTHORIZED_BLOB_OVERWRITE = "UnauthorizedBlobOverwrite";

    /** 400. */
    public static final String MD5_MISMATCH = "Md5Mismatch";

    /** 400. */
    public static final String INVALID_CONTAINER_NAME = "InvalidContainerName";

    /** 400. */
    public static final String INVALID_BLOB_NAME = "InvalidBlobName";

    /** 400. */
    public static final String INVALID_HEADER_VALUE = "InvalidHeaderValue";

    /** 400: the request is not well-formed HTTP, or its body not a batch within the limits. */
    public static final String INVALID_INPUT = "InvalidInput";

    /** 414. */
    public static final String INVALID_URI = "InvalidUri";

    /** 404. */
    public static final String CONTAINER_NOT_FOUND = "ContainerNotFound";

    /** 404. */
    public static final String BLOB_NOT_FOUND = "BlobNotFound";

    /** 408: the body stopped for longer than the idle timeout. */
    public static final String OPERATION_TIMED_OUT = "OperationTimedOut";

    /** 409: the stored blob is damaged. Repeating the request does not help. */
    public static final String BLOB_DAMAGED = "BlobDamaged";

    /** 409: the container refuses writes until the server is restarted. */
    public static final String CONTAINER_POISONED = "ContainerPoisoned";

    /** 413. */
    public static final String REQUEST_BODY_TOO_LARGE = "RequestBodyTooLarge";

    /** 502: the storage failed; the request may be repeated. */
    public static final String STORAGE_FAILED = "StorageFailed";

    /** 503: the server cannot take the request now. */
    public static final String SERVER_BUSY = "ServerBusy";

    /** 507: the disk of the server is full. */
    public static final String INSUFFICIENT_STORAGE = "InsufficientStorage";

    /** Other stores send it where this one sends {@link #UNAUTHORIZED_BLOB_OVERWRITE}. */
    public static final String BLOB_ALREADY_EXISTS = "BlobAlreadyExists";

    /**
     * 412: {@code If-Match} did not hold. Other stores send it too when {@code If-None-Match} did
     * not hold: the blob exists.
     */
    public static final String CONDITION_NOT_MET = "ConditionNotMet";

    /** 409: the buffer is not complete yet; only {@code Prefer: wait} follows it. */
    public static final String BUFFER_INCOMPLETE = "BufferIncomplete";

    /** 409: the writer of the buffer gave up. */
    public static final String BUFFER_FAILED = "BufferFailed";

    /** 416: none of the bytes asked for exists. */
    public static final String INVALID_RANGE = "InvalidRange";

    /** 505: only later versions of HTTP can say that a body is cut short. */
    public static final String UNSUPPORTED_HTTP_VERSION = "UnsupportedHttpVersion";

    /** 400: an operation of other stores that this one does not have. */
    public static final String UNSUPPORTED_QUERY_PARAMETER = "UnsupportedQueryParameter";

    /** 400. */
    public static final String INVALID_QUERY_PARAMETER_VALUE = "InvalidQueryParameterValue";

    /** 400: a header asks for an operation that this store does not have. */
    public static final String UNSUPPORTED_HEADER = "UnsupportedHeader";

    /** 405: an ephemeral buffer goes in the other direction. */
    public static final String UNSUPPORTED_HTTP_VERB = "UnsupportedHttpVerb";

    /** 400: an ephemeral buffer is transferred once. */
    public static final String ALREADY_CALLED = "AlreadyCalled";

    /** 500, or behind an answer: the run of an ephemeral buffer has ended without it. */
    public static final String TRANSFER_FAILED = "TransferFailed";

    /** Behind an answer whose bytes broke off because the server stops. */
    public static final String CONTEXT_CANCELLED = "ContextCancelled";

    private DataErrorCode() {}
}
