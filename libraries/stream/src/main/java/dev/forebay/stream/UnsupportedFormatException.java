package dev.forebay.stream;

/** The buffer was written in a format that this release does not read. */
public final class UnsupportedFormatException extends BufferException {
    UnsupportedFormatException(String version) {
        super(
                "unsupported format buffer version '"
                        + version
                        + "'; this release reads "
                        + StartMarker.VERSION
                        + " only");
    }
}
