package dev.forebay.server;

/**
 * A method and a pattern of paths, and the endpoint that answers them.
 *
 * @param pattern segments; {@code {name}} takes any one that is not empty, {@code {name...}}, at
 *     the end, takes all the rest
 */
record Route(String method, String pattern, Versioning versioning, Endpoint endpoint) {
    /** How a request says which version of the interface it means. */
    enum Versioning {
        /** It need not. */
        NONE,
        /** By the parameter {@code api-version}. */
        PARAMETER,
        /**
         * By that or, with a signature, by the header that clients of other stores send; the
         * endpoint checks the signature.
         */
        PARAMETER_OR_SIGNED
    }

    static Route of(String method, String pattern, Endpoint endpoint) {
        return new Route(method, pattern, Versioning.PARAMETER, endpoint);
    }

    static Route signed(String method, String pattern, Endpoint endpoint) {
        return new Route(method, pattern, Versioning.PARAMETER_OR_SIGNED, endpoint);
    }

    static Route unversioned(String method, String pattern, Endpoint endpoint) {
        return new Route(method, pattern, Versioning.NONE, endpoint);
    }

    boolean versioned() {
        return versioning != Versioning.NONE;
    }
}
