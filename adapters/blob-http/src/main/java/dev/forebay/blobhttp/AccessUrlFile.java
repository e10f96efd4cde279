package dev.forebay.blobhttp;

import dev.forebay.base.Clock;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A file that somebody keeps a fresh access URL in. While it holds the refused one, or half of
 * another, it is looked at again. An interrupt ends that.
 */
record AccessUrlFile(Path path, Clock clock, Consumer<String> waiting) implements AccessUrlSource {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int LOOKS = 300;

    @Override
    public AccessUrl first() {
        return read();
    }

    @Override
    public AccessUrl renewed(AccessUrl rejected) {
        for (int look = 0; ; look++) {
            try {
                AccessUrl url = read();
                if (!url.equals(rejected)) {
                    return url;
                }
                if (look == LOOKS) {
                    throw still(rejected);
                }
            } catch (ContainerException e) {
                if (look == LOOKS) {
                    throw e;
                }
            }
            if (look == 0) {
                waiting.accept(
                        "the access URL in "
                                + path
                                + " is refused; waiting up to "
                                + LOOKS
                                + " s for another one in it");
            }
            pause();
        }
    }

    private ContainerException still(AccessUrl rejected) {
        return new ContainerException(
                Fault.BAD_CREDENTIAL,
                "invalid access URL of "
                        + rejected
                        + ": it is expired or wrong, and for "
                        + LOOKS
                        + " s "
                        + path
                        + " held no other; get a new one from the server");
    }

    private void pause() {
        try {
            clock.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContainerException(
                    Fault.CLOSED, "interrupted while waiting for another access URL", e);
        }
    }

    private AccessUrl read() {
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
