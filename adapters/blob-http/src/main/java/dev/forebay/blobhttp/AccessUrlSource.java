package dev.forebay.blobhttp;

import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Where access URLs come from. Called by one thread at a time; may block. A source that cannot give
 * one throws a {@link ContainerException}, which is then the fault of the call that needed it.
 */
public interface AccessUrlSource {
    /** The largest file that is taken for an access URL, in bytes. */
    int LARGEST_FILE = 2048;

    /** A URL to begin with. */
    AccessUrl first();

    /**
     * Another one, after the other side refused {@code rejected}.
     *
     * @throws ContainerException of {@link Fault#BAD_CREDENTIAL} if there is none
     */
    AccessUrl renewed(AccessUrl rejected);

    /** One URL, never another. */
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

    /** A URL asked for whenever one is needed; {@code ask} gets it from the control plane. */
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
     * A file that holds a URL and is read again when that one is refused; whoever hands out access
     * keeps it fresh. Less than {@link #LARGEST_FILE} bytes.
     */
    static AccessUrlSource file(Path path) {
        return asking(() -> read(path));
    }

    private static AccessUrl read(Path path) {
        try {
            long size = Files.size(path);
            if (size >= LARGEST_FILE) {
                throw new ContainerException(
                        Fault.BAD_CREDENTIAL,
                        path
                                + " has "
                                + size
                                + " bytes; a file with an access URL has less than "
                                + LARGEST_FILE);
            }
            return new AccessUrl(Files.readString(path).replace("\uFEFF", "").strip());
        } catch (CharacterCodingException e) {
            throw new ContainerException(
                    Fault.BAD_CREDENTIAL, path + " holds no access URL: it is not in UTF-8", e);
        } catch (IOException e) {
            throw new ContainerException(
                    Fault.BAD_CREDENTIAL, "reading the access URL in " + path + " failed", e);
        } catch (IllegalArgumentException e) {
            throw new ContainerException(
                    Fault.BAD_CREDENTIAL, path + " holds no access URL: " + e.getMessage(), e);
        }
    }
}
