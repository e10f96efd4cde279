package dev.forebay.run;

import java.io.InputStream;

/** Gives so many zero bytes, without holding them. */
final class ZeroStream extends InputStream {
    private long left;

    ZeroStream(long size) {
        left = size;
    }

    @Override
    public int read() {
        return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (left <= 0) {
            return -1;
        }
        int count = (int) Math.min(left, length);
        left -= count;
        return count;
    }
}
