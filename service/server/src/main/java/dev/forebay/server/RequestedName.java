package dev.forebay.server;

import dev.forebay.blob.BlobName;
import dev.forebay.wire.data.DataErrorCode;

/**
 * The names that requests may give blobs: those of {@link BlobName} for which a file system has
 * room.
 */
final class RequestedName {
    /** As in other stores, and well below the longest path of a file. */
    private static final int LONGEST_NAME = 1024;

    /** Beyond what a file may be called, with what the container adds to it. */
    private static final int LONG_SEGMENT = 255;

    private RequestedName() {}

    /** The name of a blob that is to come into being. */
    static BlobName ofNew(String name) {
        if (name.equals(ContentEndpoint.NAME)) {
            throw new DataPlaneRefusal(400, DataErrorCode.INVALID_BLOB_NAME);
        }
        return of(name);
    }

    /** The name of a blob that may be there. */
    static BlobName of(String name) {
        boolean fits = name.length() <= LONGEST_NAME && !hasLongSegment(name);
        if (!fits || !BlobName.isValid(name)) {
            throw new DataPlaneRefusal(400, DataErrorCode.INVALID_BLOB_NAME);
        }
        return new BlobName(name);
    }

    private static boolean hasLongSegment(String name) {
        int begin = 0;
        for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', begin)) {
            if (slash - begin >= LONG_SEGMENT) {
                return true;
            }
            begin = slash + 1;
        }
        return name.length() - begin >= LONG_SEGMENT;
    }
}
