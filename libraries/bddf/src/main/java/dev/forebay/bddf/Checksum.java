package dev.forebay.bddf;

/** What stands in the last bytes of a file about all bytes before them. */
public enum Checksum {
    /** Nothing: 20 zero bytes. */
    NONE(1),
    /** SHA-1 of all bytes from the first to the index offset. */
    SHA1(2);

    /** Bytes that the checksum takes in the file, of either kind. */
    static final int BYTES = 20;

    private final int code;

    Checksum(int code) {
        this.code = code;
    }

    /** The number that a file descriptor holds. */
    int code() {
        return code;
    }
}
