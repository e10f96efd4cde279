package dev.forebay.run.oci;

import dev.forebay.run.oci.testing.RealEngine;
import java.nio.file.Path;
import java.time.Duration;

/** Settings of tests. */
final class Settings {
    private Settings() {}

    static OciSettings of(RealEngine engine, Path directory) {
        return OciSettings.of(engine.socket(), directory)
                .withPull(PullPolicy.NEVER)
                .withHost(host -> host.withGrace(Duration.ofSeconds(30)));
    }
}
