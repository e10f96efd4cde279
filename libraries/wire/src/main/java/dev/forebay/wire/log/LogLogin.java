package dev.forebay.wire.log;

/**
 * A user who wants a token. {@code toString} leaves the password out.
 *
 * @param user the name
 * @param password of that user
 */
public record LogLogin(String user, String password) {
    @Override
    public String toString() {
        return "LogLogin[user=" + user + "]";
    }
}
