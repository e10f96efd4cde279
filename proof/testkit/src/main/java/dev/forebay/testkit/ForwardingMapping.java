package dev.forebay.testkit;

import dev.forebay.base.DiskMapping;
import java.io.IOException;

/** A mapping that hands every call to another; a test overrides the calls that it is about. */
public class ForwardingMapping implements DiskMapping {
    private final DiskMapping mapping;

    public ForwardingMapping(DiskMapping mapping) {
        this.mapping = mapping;
    }

    @Override
    public long size() {
        return mapping.size();
    }

    @Override
    public void put(long at, byte[] source, int from, int length) {
        mapping.put(at, source, from, length);
    }

    @Override
    public void putInt(long at, int value) {
        mapping.putInt(at, value);
    }

    @Override
    public void putLong(long at, long value) {
        mapping.putLong(at, value);
    }

    @Override
    public void get(long at, byte[] target, int from, int length) {
        mapping.get(at, target, from, length);
    }

    @Override
    public int getInt(long at) {
        return mapping.getInt(at);
    }

    @Override
    public long getLong(long at) {
        return mapping.getLong(at);
    }

    @Override
    public void warm(long at, long length, boolean forStores) throws IOException {
        mapping.warm(at, length, forStores);
    }

    @Override
    public void force(long at, long length) throws IOException {
        mapping.force(at, length);
    }

    @Override
    public void close() {
        mapping.close();
    }
}
