package dev.forebay.cli;

import dev.forebay.blobhttp.HttpProxy;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --proxy} says, as the reference's does: {@code auto}, the environment's for https;
 * {@code none}; or a URL, which holds for http too.
 */
final class ProxyChoice {
    static final String OPTION = "--proxy";

    /** How it is written. */
    static final String LABEL = "PROXY";

    /** What its help says. */
    static final String HELP =
            "auto, none, or a URL such as http://NAME:PASSWORD@proxy:3128; default: as the login says, else auto: $$HTTPS_PROXY but for $$NO_PROXY, for https only.";

    /** What is chosen without a word. */
    static final String AUTO = "auto";

    private ProxyChoice() {}

    /**
     * The one that {@code word} says.
     *
     * @param where it was said
     * @throws IllegalArgumentException if it is no proxy; its message has no password
     */
    static HttpProxy of(String where, String word, Shell shell) {
        return switch (word.strip()) {
            case AUTO, "automatic" -> HttpProxy.ofEnvironment(shell::variable);
            case "none" -> HttpProxy.none();
            default -> url(where, word);
        };
    }

    private static HttpProxy url(String where, String word) {
        try {
            return HttpProxy.at(word);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "%s: %s, or auto, or none".formatted(where, e.getMessage()), e);
        }
    }

    /** The one that the option says, else that of the login. */
    static HttpProxy ofOption(@Nullable String word, Shell shell) throws IOException {
        return word != null ? of(OPTION, word, shell) : ofLogin(new Login(shell), shell);
    }

    /** The one that the login remembers, if it is one. */
    static HttpProxy ofLogin(Login login, Shell shell) throws IOException {
        Optional<String> word = login.proxy();
        return of("the proxy of the login", word.orElse(AUTO), shell);
    }
}
