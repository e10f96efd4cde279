package dev.forebay.blobhttp;

import dev.forebay.base.Clock;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Where access URLs come from. Called by one thread at a time; may block. A source that cannot give
 * one throws a {@link ContainerException}, which is then the fault of the call that needed it, and
 * of all later refusals unless trying again may help or it was {@link Fault#CLOSED} by an
 * interrupt.
 */
public interface AccessUrlSource {
    /** The largest file that is taken for an access URL, in bytes. */
    int LARGEST_FILE = 2048;

    /** {@return a URL to begin with} */
    AccessUrl first();

    /**
     * Another one, after the other side refused {@code rejected}.
     *
     * @param rejected the one that was refused
     * @return a newer one
     * @throws ContainerException of {@link Fault#BAD_CREDENTIAL} if there is none
     */
    AccessUrl renewed(AccessUrl rejected);

    /**
     * One URL, never another.
     *
     * @param url the only one
     * @return that source
     */
    static AccessUrlSource fixed(AccessUrl url) {
        return new AccessUrlSource() {
            @Override
            public AccessUrl first() {
                return url;
            }

            @Override
            public AccessUrl renewed(AccessUrl rejected) {
                throw new ContainerException(
                        Fault.BAD_CREDENTIAL,
                        "invalid access URL of "
                                + url
                                + ": it is expired or wrong; get a new one from the server");
            }
        };
    }

    /**
     * A URL asked for whenever one is needed; {@code ask} gets it from the control plane.
     *
     * @param ask may block; its failures reach the call that needs a URL
     * @return that source
     */
    static AccessUrlSource asking(Supplier<AccessUrl> ask) {
        return new AccessUrlSource() {
            @Override
            public AccessUrl first() {
                return ask.get();
            }

            @Override
            public AccessUrl renewed(AccessUrl rejected) {
                return ask.get();
            }
        };
    }

    /**
     * {@link #file(Path, Clock, Consumer)} by the machine's clock, without a listener.
     *
     * @param path of the file
     * @return that source
     */
    static AccessUrlSource file(Path path) {
        return file(path, Clock.system(), _ -> {});
    }

    /**
     * A file of less than {@link #LARGEST_FILE} bytes that holds a URL, and is read again when that
     * one is refused; whoever hands out access keeps it fresh. A file that still holds the refused
     * URL is looked at each second for five minutes, as long as the reference waits; an interrupt
     * ends that.
     *
     * @param path of the file
     * @param clock measures the waits for another URL
     * @param waiting is told, once for each refused URL, what is waited for
     * @return that source
     */
    static AccessUrlSource file(Path path, Clock clock, Consumer<String> waiting) {
        return new AccessUrlFile(path, clock, waiting);
    }
}
