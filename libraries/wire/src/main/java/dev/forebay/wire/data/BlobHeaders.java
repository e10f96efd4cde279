package dev.forebay.wire.data;

/** Header names and fixed values of the data plane. Names are compared without case. */
public final class BlobHeaders {
    /** Base64 of the MD5 of a body. */
    public static final String CONTENT_MD5 = "Content-MD5";

    /** One of {@link DataErrorCode}. */
    public static final String ERROR_CODE = "x-ms-error-code";

    /** Always {@link #BLOCK_BLOB} on a PUT. */
    public static final String BLOB_TYPE = "x-ms-blob-type";

    /** The one kind of blob that there is here. */
    public static final String BLOCK_BLOB = "BlockBlob";

    /** Names {@link #VERSION_VALUE}, the version of the reference's data plane. */
    public static final String VERSION = "x-ms-version";

    /** The version of the store's protocol that is spoken. */
    public static final String VERSION_VALUE = "2021-08-06";

    /** Prefix of the headers that are stored with a blob and returned with it. */
    public static final String METADATA_PREFIX = "x-ms-meta-";

    /** Base64 of the MD5 of a whole blob, where {@link #CONTENT_MD5} may be that of a part. */
    public static final String BLOB_CONTENT_MD5 = "x-ms-blob-content-md5";

    /** Asks other stores for a copy on their side. */
    public static final String COPY_SOURCE = "x-ms-copy-source";

    /** A range that goes before {@code Range}. */
    public static final String RANGE = "x-ms-range";

    private BlobHeaders() {}
}
