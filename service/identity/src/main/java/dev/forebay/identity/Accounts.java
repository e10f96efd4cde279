package dev.forebay.identity;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** All users at one moment. Immutable. */
final class Accounts {
    private final TreeMap<String, Account> byName = new TreeMap<>();
    private final Map<PasswordId, Account> byPassword = new HashMap<>();

    Accounts(Collection<Account> all) {
        for (Account account : all) {
            byName.put(account.name(), account);
            byPassword.put(account.passwordId(), account);
        }
    }

    /** The users by name. */
    Collection<Account> all() {
        return byName.values();
    }

    int size() {
        return byName.size();
    }

    Optional<Account> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The user whose password now is the one with that id. */
    Optional<Account> withPassword(PasswordId id) {
        return Optional.ofNullable(byPassword.get(id));
    }

    Accounts with(Account account) {
        TreeMap<String, Account> next = new TreeMap<>(byName);
        next.put(account.name(), account);
        return new Accounts(next.values());
    }

    Accounts without(String name) {
        TreeMap<String, Account> next = new TreeMap<>(byName);
        next.remove(name);
        return new Accounts(next.values());
    }
}
