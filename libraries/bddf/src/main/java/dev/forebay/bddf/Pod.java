package dev.forebay.bddf;

/** A plain number type, little-endian in a file. */
public enum Pod {
    /** 8 bits, signed. */
    INT8(1, 1),
    /** 16 bits, signed. */
    INT16(2, 2),
    /** 32 bits, signed. */
    INT32(3, 4),
    /** 64 bits, signed. */
    INT64(4, 8),
    /** 8 bits without a sign. */
    UINT8(5, 1),
    /** 16 bits without a sign. */
    UINT16(6, 2),
    /** 32 bits without a sign. */
    UINT32(7, 4),
    /** 64 bits without a sign. */
    UINT64(8, 8),
    /** IEEE 754 of 32 bits. */
    FLOAT32(9, 4),
    /** IEEE 754 of 64 bits. */
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

    /** {@return bytes of one number} */
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
