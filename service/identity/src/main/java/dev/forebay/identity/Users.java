package dev.forebay.identity;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.PoisonedException;
import dev.forebay.base.Printable;
import dev.forebay.identity.IdentityException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The users of a server: their passwords, their logins and the tokens that these give.
 *
 * <p><b>Guarantee.</b> A change that returned survives a power cut. A token is good for the user
 * who logged in, until it expires after {@link #TOKEN_LIFETIME}, the user's password changes or the
 * user is removed, and it survives a restart. A login of an unknown user takes as long as that of a
 * known one. After six failures of one user from one source, that source waits a minute for that
 * user; no other does. Passwords and tokens appear in no message.
 *
 * <p><b>Limit.</b> {@link #MOST_USERS} users. Tokens expire by the wall clock. If a change fails
 * such that its outcome is not known, further changes are refused until the users are opened again.
 *
 * <p>Safe for use by many threads. {@link #login} and the changes block for a password hash, about
 * half a second of one processor, and up to {@link #PATIENCE} for a slot; changes also for the
 * disk. The other methods do not block.
 */
public final class Users {
    /** How long a token is good. */
    public static final Duration TOKEN_LIFETIME = Duration.ofHours(12);

    /** How long a password waits to be hashed before its caller hears that the server is busy. */
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    public static final int MOST_USERS = 1000;

    static final int ROUNDS = 600_000;
    private static final int MOST_WAITING = 32;
    private static final int LONGEST_SOURCE = 64;
    private static final Pattern LEGAL_NAME = Pattern.compile("[A-Za-z0-9._@-]{1,64}");

    private final KeyDirectory directory;
    private final Clock clock;
    private final int rounds;
    private final HashGate gate;
    private final Lockouts lockouts;
    private final TokenKey tokens;

    /** Compared with the password of a user that does not exist. */
    private final PasswordHash decoy;

    /** Held during changes, their disk calls included; never by logins. */
    private final ReentrantLock changing = new ReentrantLock();

    @GuardedBy("changing")
    private @Nullable Throwable poison;

    private volatile Accounts accounts;

    private Users(KeyDirectory directory, Clock clock, int rounds, HashGate gate)
            throws IOException {
        this.directory = directory;
        this.clock = clock;
        this.rounds = rounds;
        this.gate = gate;
        this.lockouts = new Lockouts(clock);
        this.tokens = TokenKey.open(directory);
        this.decoy = PasswordHash.decoy(rounds);
        this.accounts = AccountsFile.read(directory);
    }

    /**
     * Opens the users that are kept in {@code keys}, a directory that is made if it is missing. The
     * caller owns it alone.
     *
     * @throws dev.forebay.base.DamagedException if a file there is not what was written
     */
    public static Users open(Disk disk, Clock clock, Path keys) throws IOException {
        int atOnce = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4);
        HashGate gate = new HashGate(clock, atOnce, MOST_WAITING, PATIENCE);
        return open(disk, clock, keys, ROUNDS, gate);
    }

    static Users open(Disk disk, Clock clock, Path keys, int rounds, HashGate gate)
            throws IOException {
        return new Users(KeyDirectory.open(disk, keys), clock, rounds, gate);
    }

    /** Checks a password and counts the attempt. */
    public Login login(String name, String password, String source) {
        String user = LEGAL_NAME.matcher(name).matches() ? name : "";
        String from =
                source.length() > LONGEST_SOURCE ? source.substring(0, LONGEST_SOURCE) : source;
        Optional<Instant> locked = lockouts.until(user, from);
        if (locked.isPresent()) {
            return new Login.LockedOut(locked.get());
        }
        Optional<Account> account = accounts.named(user);
        PasswordHash expected = account.map(Account::password).orElse(decoy);
        Optional<Boolean> right = gate.run(() -> expected.matches(password));
        if (right.isEmpty()) {
            return new Login.Busy();
        }
        boolean known = right.get() && account.isPresent();
        locked = lockouts.count(user, from, known);
        if (locked.isPresent()) {
            return new Login.LockedOut(locked.get());
        }
        return known ? grant(account.get()) : new Login.WrongPassword();
    }

    private Login.Granted grant(Account account) {
        Instant expires = Instant.ofEpochSecond(clock.wall().plus(TOKEN_LIFETIME).getEpochSecond());
        String token = tokens.sign(new TokenKey.Claim(account.passwordId(), expires));
        return new Login.Granted(token, expires);
    }

    /** A new token for the user of a valid one, which stays valid; empty for any other. */
    public Optional<Login.Granted> refresh(String token) {
        return account(token).map(this::grant);
    }

    /** The name of the user who has this token; empty if it is not valid, or not any more. */
    public Optional<String> userOf(String token) {
        return account(token).map(Account::name);
    }

    private Optional<Account> account(String token) {
        return tokens.check(token)
                .filter(claim -> clock.wall().isBefore(claim.expires()))
                .flatMap(claim -> accounts.withPassword(claim.password()));
    }

    /** The users by name. */
    public List<User> list() {
        return accounts.all().stream().map(Account::shown).toList();
    }

    /**
     * Adds a user.
     *
     * @throws IdentityException if the name or the password is not legal, or the name is taken
     */
    public void add(String name, String password) throws IOException {
        checkName(name);
        checkPassword(password);
        checkFree(accounts, name);
        Account added = account(name, password);
        change(now -> {
            checkFree(now, name);
            if (now.size() >= MOST_USERS) {
                throw new IdentityException(
                        Kind.FULL,
                        "there are %d users, the most there may be; remove one first"
                                .formatted(now.size()));
            }
            return now.with(added);
        });
    }

    /**
     * Gives a user another password; all tokens of the user end.
     *
     * @throws IdentityException if there is no such user, or the password is not legal
     */
    public void changePassword(String name, String password) throws IOException {
        checkPassword(password);
        checkKnown(accounts, name);
        Account changed = account(name, password);
        change(now -> {
            checkKnown(now, name);
            return now.with(changed);
        });
    }

    /**
     * Removes a user; all tokens of the user end.
     *
     * @throws IdentityException if there is no such user
     */
    public void remove(String name) throws IOException {
        change(now -> {
            checkKnown(now, name);
            return now.without(name);
        });
    }

    private Account account(String name, String password) {
        PasswordHash hash =
                gate.run(() -> PasswordHash.of(password, rounds))
                        .orElseThrow(() ->
                                new IdentityException(
                                        Kind.BUSY,
                                        "too many passwords are being checked; try again"));
        Instant now = Instant.ofEpochMilli(clock.wall().toEpochMilli());
        return new Account(name, now, PasswordId.next(), hash);
    }

    private void change(UnaryOperator<Accounts> step) throws IOException {
        changing.lock();
        try {
            if (poison != null) {
                throw new PoisonedException(
                        "an earlier change of the users failed half-way; restart the server to go"
                                + " on with what is stored",
                        poison);
            }
            Accounts next = step.apply(accounts);
            try {
                AccountsFile.write(directory, next);
            } catch (KeyDirectory.UnknownOutcomeException e) {
                poison = e;
                throw e;
            }
            accounts = next;
        } finally {
            changing.unlock();
        }
    }

    private static void checkName(String name) {
        if (!LEGAL_NAME.matcher(name).matches()) {
            throw new IdentityException(
                    Kind.INVALID,
                    "expected a user name of 1 to 64 of the characters A-Z a-z 0-9 . _ @ -, found '"
                            + shortened(name)
                            + "'");
        }
    }

    private static String shortened(String name) {
        return Printable.of(name.length() > 64 ? name.substring(0, 64) + "..." : name);
    }

    private static void checkPassword(String password) {
        if (password.isEmpty() || password.length() > PasswordHash.LONGEST) {
            throw new IdentityException(
                    Kind.INVALID,
                    "expected a password of 1 to %d characters, found %d"
                            .formatted(PasswordHash.LONGEST, password.length()));
        }
    }

    private static void checkFree(Accounts accounts, String name) {
        if (accounts.named(name).isPresent()) {
            throw new IdentityException(
                    Kind.TAKEN,
                    "there is a user '%s' already; 'forebay user password %s' changes the password"
                            .formatted(name, name));
        }
    }

    private static void checkKnown(Accounts accounts, String name) {
        if (accounts.named(name).isEmpty()) {
            throw new IdentityException(
                    Kind.NOT_FOUND,
                    "there is no user '%s'; 'forebay user list' shows those there are"
                            .formatted(shortened(name)));
        }
    }
}
