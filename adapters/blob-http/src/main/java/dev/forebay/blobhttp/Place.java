package dev.forebay.blobhttp;

import java.net.URI;

/** Where a server is. */
record Place(boolean tls, String host, int port) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    static Place of(URI uri) {
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        String host = uri.getHost();
        boolean bracketed = host.startsWith("[");
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? HTTPS : HTTP;
        return new Place(tls, bracketed ? host.substring(1, host.length() - 1) : host, port);
    }
}
