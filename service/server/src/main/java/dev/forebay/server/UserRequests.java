package dev.forebay.server;

import dev.forebay.identity.IdentityException;
import dev.forebay.identity.User;
import dev.forebay.identity.Users;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is asked of the users of a server, as maps that go through JSON: the same for a command that
 * has the data directory and for one that asks the server which has it. Holds no state.
 */
final class UserRequests {
    /** What a refused request is answered with, under this name, is a sentence. */
    static final String REFUSED = "refused";

    private UserRequests() {}

    static Map<String, Object> of(String action, String name, String password) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("action", action);
        request.put("name", name);
        request.put("password", password);
        return request;
    }

    /** Does what is asked, and returns the answer. */
    static Map<String, Object> answer(Users users, Map<String, Object> request) throws IOException {
        String name = String.valueOf(request.get("name"));
        String password = String.valueOf(request.get("password"));
        try {
            switch (String.valueOf(request.get("action"))) {
                case "add" -> users.add(name, password);
                case "password" -> users.changePassword(name, password);
                case "remove" -> users.remove(name);
                case "list" -> {
                    return Map.of("users", users.list().stream().map(UserRequests::map).toList());
                }
                default -> {
                    return Map.of(REFUSED, "the server does not know this request; is it older?");
                }
            }
            return Map.of();
        } catch (IdentityException e) {
            return Map.of(REFUSED, String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, Object> map(User user) {
        return Map.of("name", user.name(), "passwordSet", user.passwordSet().toString());
    }

    /** The users of an answer to {@code list}. */
    static List<Map<?, ?>> users(Map<String, Object> answer) {
        List<Map<?, ?>> found = new ArrayList<>();
        if (answer.get("users") instanceof List<?> list) {
            for (Object each : list) {
                if (each instanceof Map<?, ?> user) {
                    found.add(user);
                }
            }
        }
        return found;
    }
}
