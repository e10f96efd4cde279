package dev.forebay.bddf;

/** A plain number type, little-endian in a file. */
public enum Pod {
    INT8(1, 1),
    INT16(2, 2),
    INT32(3, 4),
    INT64(4, 8),
    UINT8(5, 1),
    UINT16(6, 2),
    UINT32(7, 4),
    UINT64(8, 8),
    FLOAT32(9, 4),
    FLOAT64(10, 8);

    private final int code;
    private final int bytes;

    Pod(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** The number that a series descriptor holds. */
    int code() {
        return code;
    }

    /** Bytes of one number. */
    public int bytes() {
        return bytes;
    }

    static Pod of(long code) {
        for (Pod pod : values()) {
            if (pod.code == code) {
                return pod;
            }
        }
        throw new BddfException(
                BddfException.Fault.UNSUPPORTED,
                "number type %d is unknown; expected 1 to 10".formatted(code));
    }
}
