package dev.forebay.stream;

import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.Md5;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The decisions that the promises of this room hang on, one method each, so that a test can put a
 * broken one in place and show that it is noticed.
 */
class Rules {
    static final Rules SOUND = new Rules();

    /** A word that no other writer has. */
    String nonce() {
        return UUID.randomUUID().toString();
    }

    /** Whether a blob that is there already is the one we were putting. */
    boolean isOurs(BlobInfo there, Md5 md5, @Nullable String chain) {
        String thereChain = there.metadata().get(HashChain.METADATA_KEY);
        return there.md5().equals(md5)
                && (chain == null ? thereChain == null : chain.equals(thereChain));
    }

    /** Whether an acknowledgement promises what was demanded. */
    boolean isDurable(Durability given, Durability demanded) {
        return given.covers(demanded);
    }

    /** How long a container that heeds no interrupt may hold the caller of a transfer. */
    Duration grace() {
        return Threads.GRACE;
    }

    /** Returns once the end marker is acknowledged. */
    void finish(Runnable putEndMarker) {
        putEndMarker.run();
    }

    /** Says that a write that was begun has failed. */
    void fail(Runnable putFailureMarker) {
        putFailureMarker.run();
    }

    /** Whether the body is the one that was announced. */
    boolean digestHolds(BlobInfo announced, ByteBuffer body) {
        return Md5.of(body).equals(announced.md5());
    }

    /** Whether a blob has its place in the chain. */
    boolean chainHolds(String stored, String expected) {
        return stored.equals(expected);
    }

    /** Whether a blob that is missing although an end marker stands is damage, and not the end. */
    boolean gapIsDamage() {
        return true;
    }
}
