package dev.forebay.blobhttp;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;

/** Finds the addresses of a host, at least one, in the order in which they are to be tried. */
@FunctionalInterface
interface Addresses {
    /**
     * All of them.
     *
     * @throws ConnectException if there is none
     */
    List<InetAddress> of(String host) throws ConnectException;

    /** As the system knows them. Blocks. */
    static List<InetAddress> ofSystem(String host) throws ConnectException {
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            ConnectException unknown = new ConnectException("no address of " + host);
            unknown.initCause(new UnresolvedAddressException());
            throw unknown;
        }
    }
}
