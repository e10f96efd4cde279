package dev.forebay.cli;

import dev.forebay.base.Disk;
import dev.forebay.identity.Authority;
import dev.forebay.server.TlsConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what clients need to trust a server. */
@Command(
        name = "trust",
        description = "Say how a client trusts a server's certificates, or print what it trusts.",
        footerHeading = "%nExample:%n",
        footer = "  forebay log trust --pem > authority.pem",
        mixinStandardHelpOptions = true)
final class LogTrustCommand implements Callable<Integer> {
    @Mixin private UserDirectory directory;

    @Option(names = "--pem", description = "Print the certificate of the authority, nothing else.")
    private boolean pem;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Path keys = directory.path().resolve("keys");
        Optional<String> certificate = Authority.certificatePem(Disk.system(), keys);
        if (certificate.isEmpty()) {
            throw new IOException(
                    "there is no certificate authority in %s yet; 'forebay serve --data %s --tls-port %d' makes one"
                            .formatted(keys, directory.path(), TlsConfig.USUAL_PORT));
        }
        String text =
                pem
                        ? certificate.get()
                        : explanation(keys.resolve("authority.pem"), TlsConfig.USUAL_PORT);
        Shell.of(spec).out().print(text);
        return 0;
    }

    private static String explanation(Path file, int port) {
        return """
        The server's own authority is in
          %1$s
        Copy that file to each client. It is no secret, but who changes it on the way can pose as
        the server. It stays the same when the server's certificate is renewed.

        With the server at 127.0.0.1, started with --tls-port %2$d:

        Spot SDK  sdk = bosdyn.client.create_standard_sdk('name', cert_resource_glob='%1$s')
                  robot = sdk.create_robot('127.0.0.1')
                  robot.update_secure_channel_port(%2$d)  # not needed with --tls-port 443
                  robot.authenticate(user, password)  # of 'forebay user add'
        curl      curl --cacert '%1$s' https://127.0.0.1:%2$d/metadata
        forebay   forebay login https://127.0.0.1:%2$d --tls-certificates '%1$s'
        """
                .formatted(file, port);
    }
}
