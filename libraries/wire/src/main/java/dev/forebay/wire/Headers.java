package dev.forebay.wire;

/** Names and fixed values of the data plane's headers; names are compared without case. */
public final class Headers {
    /** Base64 of the MD5 of a body. */
    public static final String CONTENT_MD5 = "Content-MD5";

    /** One of the words of {@link ErrorCode}. */
    public static final String ERROR_CODE = "x-ms-error-code";

    /** Always {@link #BLOCK_BLOB} on a put. */
    public static final String BLOB_TYPE = "x-ms-blob-type";

    public static final String BLOCK_BLOB = "BlockBlob";

    /** The version of the reference's data plane. */
    public static final String VERSION = "x-ms-version";

    public static final String VERSION_VALUE = "2021-08-06";

    /** What is stored and given back with a blob: this, and a key. */
    public static final String METADATA_PREFIX = "x-ms-meta-";

    public static final String IF_NONE_MATCH = "If-None-Match";

    /** A wish to wait, as {@code wait=20}, in seconds. */
    public static final String PREFER = "Prefer";

    public static final String PREFERENCE_APPLIED = "Preference-Applied";

    /** Demanded on a request, given on a response: a word of {@code Durability}. */
    public static final String DURABILITY = "Forebay-Durability";

    /** An opaque name of the exchange, on every response. */
    public static final String REQUEST_ID = "Request-Id";

    public static final String LAST_MODIFIED = "Last-Modified";

    private Headers() {}
}
