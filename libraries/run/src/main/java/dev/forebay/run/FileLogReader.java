package dev.forebay.run;

import dev.forebay.base.Reason;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the file of a {@link RunLog}, which tells up to where its frames are whole.
 *
 * <p>For one thread; blocks on the file, and a follower for the next line.
 */
final class FileLogReader implements LogReader {
    private final RunLog log;
    private final LogQuery query;
    private final LogFile file;
    private long at;

    FileLogReader(RunLog log, LogQuery query, LogFile file, long from) {
        this.log = log;
        this.query = query;
        this.file = file;
        this.at = from;
    }

    @Override
    public @Nullable LogLine next() throws InterruptedException {
        try {
            while (log.hasBeyond(at, query.follow())) {
                LogFile.Header header = file.header(at);
                at = header.next();
                if (query.since().isEmpty() || header.time().isAfter(query.since().get())) {
                    return file.line(header);
                }
            }
            return null;
        } catch (IOException e) {
            throw new RunLogException("the log cannot be read: " + Reason.of(e), e);
        }
    }

    @Override
    public void close() {
        try {
            file.channel().close();
        } catch (IOException e) {
            throw new RunLogException("the log cannot be closed: " + Reason.of(e), e);
        }
    }
}
