package dev.forebay.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the route of a method and a path among those of several faces. The first that fits wins.
 * Immutable.
 */
final class Router {
    /** A route that fits. {@code parameters} hold what its pattern took, decoded. */
    record Match(Face face, Route route, Map<String, String> parameters) {}

    private record Candidate(Face face, Route route, List<String> pattern) {
        /** False if the first segment alone says that the route does not fit. */
        boolean mayTake(String first) {
            String begin = pattern.getFirst();
            return begin.startsWith("{") || begin.equals(first);
        }
    }

    private final List<Candidate> candidates = new ArrayList<>();

    Router(List<Face> faces) {
        for (Face face : faces) {
            for (Route route : face.routes()) {
                candidates.add(new Candidate(face, route, segments(route.pattern())));
            }
        }
    }

    private static List<String> segments(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /** All routes, in the order in which they are tried. */
    List<Route> routes() {
        return candidates.stream().map(Candidate::route).toList();
    }

    /**
     * Finds the route.
     *
     * @param path decoded, beginning with a slash
     */
    Optional<Match> find(String method, String path) {
        List<String> segments = segments(path);
        for (Candidate candidate : candidates) {
            if (candidate.route.method().equals(method) && candidate.mayTake(segments.getFirst())) {
                Map<String, String> parameters = new HashMap<>();
                if (fits(candidate.pattern, segments, parameters)) {
                    return Optional.of(
                            new Match(candidate.face, candidate.route, Map.copyOf(parameters)));
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
