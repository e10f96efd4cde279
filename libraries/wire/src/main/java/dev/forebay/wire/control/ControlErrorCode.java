package dev.forebay.wire.control;

/** The codes of {@link ErrorBody}, by section 2.2 of the reference's protocol. */
public final class ControlErrorCode {
    /** 404. */
    public static final String NOT_FOUND = "NotFound";

    /** 400: a malformed parameter. */
    public static final String BAD_REQUEST = "BadRequest";

    /** 400: a body that is not valid. */
    public static final String INVALID_INPUT = "InvalidInput";

    /** 400: no such path or method. */
    public static final String INVALID_ROUTE = "InvalidRoute";

    /** 412. */
    public static final String PRECONDITION_FAILED = "PreconditionFailed";

    /** 403. */
    public static final String FORBIDDEN = "Forbidden";

    /** This server does not speak the version that was asked for. */
    public static final String UNSUPPORTED_API_VERSION = "UnsupportedApiVersion";

    /** The request names no version. */
    public static final String API_VERSION_UNSPECIFIED = "ApiVersionUnspecified";

    /** What the request names is no version. */
    public static final String INVALID_API_VERSION = "InvalidApiVersion";

    /** The request names several versions. */
    public static final String AMBIGUOUS_API_VERSION = "AmbiguousApiVersion";

    /** 502: the storage failed; the request may be repeated. */
    public static final String STORAGE_FAILED = "StorageFailed";

    /** 503: the server cannot take the request now. */
    public static final String SERVER_BUSY = "ServerBusy";

    /** 507: the disk of the server is full. */
    public static final String INSUFFICIENT_STORAGE = "InsufficientStorage";

    /** 500: a fault of the server; its log has the details. */
    public static final String INTERNAL_ERROR = "InternalError";

    private ControlErrorCode() {}
}
