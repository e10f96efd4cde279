package dev.forebay.control;

import java.time.Instant;
import java.util.Optional;

/** A thing of the catalogue that ends: an active one is deleted then, a deleted one purged. */
interface Expiring {
    boolean softDeleted();

    /** Empty: never. */
    Optional<Instant> expiresAt();
}
