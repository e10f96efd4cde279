package dev.forebay.run.process;

import java.nio.file.Path;
import java.time.Duration;

/** Settings of tests, which run as any user, root included. */
final class Settings {
    private Settings() {}

    static ProcessSettings in(Path directory) {
        return ProcessSettings.in(directory)
                .withUser(System.getProperty("user.name"))
                .withHost(host -> host.withGrace(Duration.ofSeconds(30)));
    }
}
