package dev.forebay.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.DamagedException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The file {@code users}: a line that names the format, a line for each user, and a line with their
 * number and the CRC-32C of all lines before it.
 *
 * <pre>
 * forebay-users 1
 * NAME MILLIS-OF-PASSWORD PASSWORD-ID pbkdf2-hmac-sha256 ROUNDS SALT HASH
 * end COUNT CRC
 * </pre>
 *
 * <p>Salt and hash are base64. <b>Guarantee.</b> A file that is not exactly this is refused, not
 * read in part.
 */
final class AccountsFile {
    static final String NAME = "users";

    private static final String FIRST = "forebay-users 1";
    private static final String ALGORITHM = "pbkdf2-hmac-sha256";
    private static final int MOST_ROUNDS = 100_000_000;

    private AccountsFile() {}

    /** Returns the users that are kept; none if there is no file. */
    static Accounts read(KeyDirectory directory) throws IOException {
        Optional<byte[]> content = directory.read(NAME);
        if (content.isEmpty()) {
            return new Accounts(List.of());
        }
        try {
            return parse(new String(content.get(), UTF_8));
        } catch (RuntimeException e) {
            throw new DamagedException(
                    directory.at(NAME)
                            + " is not a file of users as written here; restore it from a backup,"
                            + " or move it away and add the users again",
                    e);
        }
    }

    static void write(KeyDirectory directory, Accounts accounts) throws IOException {
        directory.write(NAME, format(accounts).getBytes(UTF_8));
    }

    static String format(Accounts accounts) {
        Base64.Encoder base64 = Base64.getEncoder();
        StringBuilder text = new StringBuilder(FIRST + "\n");
        for (Account each : accounts.all()) {
            text.append(
                    String.join(
                                    " ",
                                    each.name(),
                                    Long.toString(each.passwordSet().toEpochMilli()),
                                    each.passwordId().toString(),
                                    ALGORITHM,
                                    Integer.toString(each.password().rounds()),
                                    base64.encodeToString(each.password().salt()),
                                    base64.encodeToString(each.password().hash()))
                            + "\n");
        }
        return text + end(accounts.size(), text.toString());
    }

    private static String end(int count, String lines) {
        CRC32C crc = new CRC32C();
        crc.update(lines.getBytes(UTF_8));
        return "end %d %08x\n".formatted(count, crc.getValue());
    }

    private static Accounts parse(String text) {
        int last = text.lastIndexOf("\nend ") + 1;
        String lines = text.substring(0, last);
        List<String> users = lines.lines().skip(1).toList();
        if (!lines.startsWith(FIRST + "\n")
                || !text.substring(last).equals(end(users.size(), lines))) {
            throw new IllegalArgumentException("the first line or the last is wrong");
        }
        List<Account> found = new ArrayList<>();
        for (String each : users) {
            found.add(account(each.split(" ", -1)));
        }
        return new Accounts(found);
    }

    private static Account account(String[] parts) {
        int rounds = Integer.parseInt(parts[4]);
        byte[] salt = Base64.getDecoder().decode(parts[5]);
        byte[] hash = Base64.getDecoder().decode(parts[6]);
        boolean sound =
                parts.length == 7
                        && parts[3].equals(ALGORITHM)
                        && rounds > 0
                        && rounds <= MOST_ROUNDS
                        && salt.length == PasswordHash.SALT_BYTES
                        && hash.length == PasswordHash.HASH_BYTES;
        if (!sound) {
            throw new IllegalArgumentException("the line of a user is wrong");
        }
        return new Account(
                parts[0],
                Instant.ofEpochMilli(Long.parseLong(parts[1])),
                PasswordId.parse(parts[2]),
                new PasswordHash(rounds, salt, hash));
    }
}
