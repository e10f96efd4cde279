package dev.forebay.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings of a login in a file, as the reference's command line takes them.
 *
 * @param server to talk to
 * @param certificates whom to trust there; empty: whom Java trusts
 * @param proxy what stands before it, in the words of {@code --proxy}; empty: not said
 */
record LoginFile(URI server, Optional<Path> certificates, Optional<String> proxy) {
    private static final String SERVER = "serverUrl";
    private static final String CERTIFICATES = "tlsCaCertificates";
    private static final String PROXY = "proxy";

    /** Keys of the reference that concern a sign-in, which servers of Forebay do not have. */
    private static final Set<String> OF_SIGN_IN =
            Set.of(
                    "servicePrincipal",
                    "certificatePath",
                    "certificateThumbprint",
                    "managedIdentity",
                    "managedIdentityClientId",
                    "github",
                    "targetFederatedIdentity");

    /** Those of a server that is named on the command line. */
    static LoginFile of(String server) {
        return new LoginFile(
                Login.checked("SERVER_URL", server), Optional.empty(), Optional.empty());
    }

    /**
     * Those of the file.
     *
     * @throws IllegalArgumentException if anything in it is wrong; names the line
     */
    static LoginFile read(Path file) throws IOException {
        Map<String, FlatYaml.Entry> entries = FlatYaml.read(file);
        entries.forEach((key, entry) -> check(file, key, entry));
        FlatYaml.Entry server = entries.get(SERVER);
        if (server == null) {
            throw new IllegalArgumentException("'%s' has no key '%s'".formatted(file, SERVER));
        }
        Optional<Path> certificates =
                Optional.ofNullable(entries.get(CERTIFICATES))
                        .map(entry -> entry.values().getFirst())
                        .filter(value -> !value.equals("os"))
                        .map(value -> file.toAbsolutePath().resolveSibling(FileNames.path(value)));
        return new LoginFile(
                Login.checked(file + ":" + server.line(), server.values().getFirst()),
                certificates,
                Optional.ofNullable(entries.get(PROXY)).map(entry -> entry.values().getFirst()));
    }

    private static void check(Path file, String key, FlatYaml.Entry entry) {
        if (OF_SIGN_IN.contains(key)) {
            throw FlatYaml.wrong(
                    file,
                    entry.line(),
                    "the key '%s' is about a sign-in, which a server of Forebay does not have; remove it"
                            .formatted(key));
        }
        if (!Set.of(SERVER, CERTIFICATES, PROXY).contains(key)) {
            throw FlatYaml.wrong(
                    file,
                    entry.line(),
                    "the key '%s' is unknown; expected %s, %s or %s"
                            .formatted(key, SERVER, CERTIFICATES, PROXY));
        }
        if (entry.values().size() != 1) {
            throw FlatYaml.wrong(file, entry.line(), "the key '%s' takes one value".formatted(key));
        }
    }
}
