package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.identity.Authority;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the server's certificate when its time has come, looking every hour. A renewal that fails
 * is logged and tried again; until one succeeds {@link #fault} makes the server unhealthy.
 */
final class Renewal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);
    static final Duration PERIOD = Duration.ofHours(1);

    private final Authority authority;
    private final FaultLog faults;
    private final Periodic periodic;

    Renewal(Authority authority, Clock clock, FaultLog faults) {
        this.authority = authority;
        this.faults = faults;
        this.periodic = new Periodic("certificate", clock, PERIOD, _ -> renew());
    }

    private void renew() throws IOException {
        try {
            if (authority.renewIfDue()) {
                LOG.info(
                        "the server's certificate was renewed until {}",
                        authority.serverCertificate().getNotAfter().toInstant());
            }
        } catch (Throwable e) {
            if (faults.begins("certificate")) {
                LOG.warn(
                        "the server's certificate was not renewed; it is tried again every {}",
                        PERIOD,
                        e);
            }
            throw e;
        }
    }

    Authority authority() {
        return authority;
    }

    /** Why the certificate is not renewed, if that is so. */
    Optional<String> fault() {
        return periodic.fault().map(e -> "the server's certificate is not renewed: " + e);
    }

    @Override
    public void close() {
        periodic.close();
    }
}
