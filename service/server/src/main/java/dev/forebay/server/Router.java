package dev.forebay.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the endpoint of a method and a path. Patterns are segments, of which {@code {name}} takes
 * any one that is not empty and {@code {name...}}, at the end, takes all the rest. The first that
 * fits wins. Filled before the server listens, then only read, by many threads.
 */
public final class Router {
    /** A route that fits, with what its pattern took, decoded. */
    record Match(Endpoint endpoint, boolean versioned, Map<String, String> parameters) {}

    private record Route(
            String method, List<String> pattern, boolean versioned, Endpoint endpoint) {}

    /** A line of the table; {@code versioned} if it demands an api-version. */
    record Line(String method, String pattern, boolean versioned) {}

    private final List<Route> routes = new ArrayList<>();

    /** A route that demands an api-version. */
    public Router add(String method, String pattern, Endpoint endpoint) {
        routes.add(new Route(method, segments(pattern), true, endpoint));
        return this;
    }

    /** A route for which no api-version matters. */
    public Router addUnversioned(String method, String pattern, Endpoint endpoint) {
        routes.add(new Route(method, segments(pattern), false, endpoint));
        return this;
    }

    private static List<String> segments(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /** All routes, in the order in which they are tried. */
    List<Line> table() {
        return routes.stream()
                .map(route ->
                        new Line(
                                route.method,
                                "/" + String.join("/", route.pattern),
                                route.versioned))
                .toList();
    }

    /**
     * Finds the route.
     *
     * @param path decoded, beginning with a slash
     */
    Optional<Match> find(String method, String path) {
        List<String> segments = segments(path);
        for (Route route : routes) {
            if (route.method.equals(method)) {
                Map<String, String> parameters = new HashMap<>();
                if (fits(route.pattern, segments, parameters)) {
                    return Optional.of(
                            new Match(route.endpoint, route.versioned, Map.copyOf(parameters)));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean fits(
            List<String> pattern, List<String> segments, Map<String, String> parameters) {
        for (int i = 0; i < pattern.size(); i++) {
            String part = pattern.get(i);
            if (i >= segments.size()) {
                return false;
            }
            if (part.endsWith("...}")) {
                parameters.put(
                        part.substring(1, part.length() - 4),
                        String.join("/", segments.subList(i, segments.size())));
                return true;
            }
            String segment = segments.get(i);
            if (part.startsWith("{")) {
                if (segment.isEmpty()) {
                    return false;
                }
                parameters.put(part.substring(1, part.length() - 1), segment);
            } else if (!part.equals(segment)) {
                return false;
            }
        }
        return pattern.size() == segments.size();
    }
}
