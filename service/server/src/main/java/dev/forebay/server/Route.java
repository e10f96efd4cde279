package dev.forebay.server;

/**
 * A method and a pattern of paths, and the endpoint that answers them.
 *
 * @param pattern segments; {@code {name}} takes any one that is not empty, {@code {name...}}, at
 *     the end, takes all the rest
 * @param versioned true if a request must have the parameter {@code api-version}
 */
record Route(String method, String pattern, boolean versioned, Endpoint endpoint) {
    static Route of(String method, String pattern, Endpoint endpoint) {
        return new Route(method, pattern, true, endpoint);
    }

    static Route unversioned(String method, String pattern, Endpoint endpoint) {
        return new Route(method, pattern, false, endpoint);
    }
}
