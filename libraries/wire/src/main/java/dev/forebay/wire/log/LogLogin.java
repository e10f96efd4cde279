package dev.forebay.wire.log;

/** A user who wants a token. {@code toString} leaves the password out. */
public record LogLogin(String user, String password) {
    @Override
    public String toString() {
        return "LogLogin[user=" + user + "]";
    }
}
