package dev.forebay.server;

import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerStore;
import dev.forebay.blob.Listing;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The blobs of one container as clients of other stores ask for them: {@code restype=container} and
 * {@code comp=list}, with {@code prefix}, {@code delimiter=/}, {@code marker} and {@code
 * maxresults}, in pages of at most {@link #MOST}.
 *
 * <p><b>Guarantee.</b> What is listed is durable. <b>Limit.</b> Metadata whose name XML does not
 * allow is left out. For one request; blocks on files.
 */
final class ContainerListing {
    private static final int MOST = 5000;
    private static final Pattern XML_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Exchange exchange;
    private final StringBuilder xml = new StringBuilder();

    ContainerListing(Exchange exchange) {
        this.exchange = exchange;
    }

    /** Answers the request for the blobs of {@code container}. */
    void send(ContainerStore store, String id, Container container) throws IOException {
        String prefix = exchange.query("prefix").orElse("");
        String delimiter = exchange.query("delimiter").orElse("");
        if (!delimiter.isEmpty() && !delimiter.equals("/")) {
            throw wrong("delimiter", "/");
        }
        boolean metadata =
                List.of(exchange.query("include").orElse("").split(",", -1)).contains("metadata");
        String after = exchange.query("marker").orElse("");
        int most = most();
        List<String> names = store.names(id, new Listing(prefix, delimiter.isEmpty(), after, most));
        xml.append("<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ContainerName=\"")
                .append(id)
                .append("\">");
        element("Prefix", prefix);
        element("Marker", after);
        element("MaxResults", String.valueOf(most));
        element("Delimiter", delimiter);
        xml.append("<Blobs>");
        for (String name : names) {
            if (name.endsWith("/")) {
                xml.append("<BlobPrefix>");
                element("Name", name);
                xml.append("</BlobPrefix>");
            } else {
                container.head(new BlobName(name)).ifPresent(info -> blob(info, metadata));
            }
        }
        xml.append("</Blobs>");
        element("NextMarker", names.size() < most ? "" : names.getLast());
        xml.append("</EnumerationResults>");
        StoredBytes.guard(exchange)
                .sendBytes(200, "application/xml", xml.toString().getBytes(StandardCharsets.UTF_8));
    }

    private int most() {
        Optional<String> wish = exchange.query("maxresults");
        if (wish.isEmpty()) {
            return MOST;
        }
        try {
            int number = Integer.parseInt(wish.get());
            if (number >= 1) {
                return Math.min(number, MOST);
            }
        } catch (NumberFormatException e) {
            throw wrong("maxresults", "a number from 1 on");
        }
        throw wrong("maxresults", "a number from 1 on");
    }

    private static DataPlaneRefusal wrong(String parameter, String expected) {
        return new DataPlaneRefusal(
                400,
                DataErrorCode.INVALID_QUERY_PARAMETER_VALUE,
                "%s: expected %s".formatted(parameter, expected));
    }

    private void blob(BlobInfo info, boolean metadata) {
        xml.append("<Blob>");
        element("Name", info.name().text());
        xml.append("<Properties>");
        element("Creation-Time", StoredBytes.date(info.modified()));
        element("Last-Modified", StoredBytes.date(info.modified()));
        element("Etag", info.md5().base64());
        element("Content-Length", String.valueOf(info.size()));
        element("Content-Type", StoredBytes.BYTES);
        element("Content-MD5", info.md5().base64());
        element("BlobType", BlobHeaders.BLOCK_BLOB);
        xml.append("</Properties>");
        if (metadata) {
            xml.append("<Metadata>");
            info.metadata()
                    .forEach((key, value) -> {
                        if (XML_NAME.matcher(key).matches()) {
                            element(key, value);
                        }
                    });
            xml.append("</Metadata>");
        }
        xml.append("</Blob>");
    }

    private void element(String name, String text) {
        xml.append('<').append(name).append('>');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> xml.append("&lt;");
                case '>' -> xml.append("&gt;");
                case '&' -> xml.append("&amp;");
                default -> xml.append(c < ' ' && c != '\t' || c > '\ufffd' ? '\ufffd' : c);
            }
        }
        xml.append("</").append(name).append('>');
    }
}
