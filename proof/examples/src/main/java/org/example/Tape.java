package org.example;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.Container;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * Bytes recorded into a directory and played from it, by any number of players, which may begin
 * before the recording does: {@code Tape DIRECTORY record|play NAME}, from and to the standard
 * streams.
 */
public final class Tape implements AutoCloseable {
    private final DirectoryContainers tapes;

    public Tape(Path directory) throws IOException {
        tapes = DirectoryContainers.open(Disk.system(), Clock.system(), directory);
    }

    /** Records all of {@code input}; returns its length once the end marker is synced. */
    public long record(String name, ReadableByteChannel input) {
        return new BufferWriter(container(name), WriteOptions.defaults()).write(input).bytes();
    }

    /**
     * Plays a tape, waiting for what is still being recorded. No byte comes out before its digest
     * was checked.
     */
    public void play(String name, WritableByteChannel output) {
        new BufferReader(container(name), ReadOptions.defaults()).read(output);
    }

    private Container container(String name) {
        tapes.create(name);
        return tapes.open(name).orElseThrow();
    }

    @Override
    public void close() {
        tapes.close();
    }

    public static void main(String[] arguments) throws IOException {
        try (Tape tape = new Tape(Path.of(arguments[0]))) {
            switch (arguments[1]) {
                case "record" -> tape.record(arguments[2], Channels.newChannel(System.in));
                case "play" -> tape.play(arguments[2], Channels.newChannel(System.out));
                default -> throw new IllegalArgumentException("record or play: " + arguments[1]);
            }
        }
    }
}
