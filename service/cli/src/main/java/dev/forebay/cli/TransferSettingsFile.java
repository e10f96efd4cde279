package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.cli.TransferSettings.Host;
import dev.forebay.cli.TransferSettings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/**
 * Reads transfer settings, JSON with comments, and says by line and key what is wrong with them.
 *
 * <pre>
 * {
 *   "*": {"dop": 16},
 *   "scanner.local": {"blockSize": "8MiB", "read": {"dop": 64}, "write": {"dop": 8}}
 * }
 * </pre>
 */
final class TransferSettingsFile {
    private static final int LARGEST_FILE = 1 << 20;
    private static final int MOST_AT_A_TIME = 1024;
    private static final long LARGEST_BLOCK = 1L << 30;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private final Path file;

    TransferSettingsFile(Path file) {
        this.file = file;
    }

    /** By host in lower case, or {@link TransferSettings#ANY}. */
    Map<String, Host> read() throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "'%s' is not a file; expected transfer settings, or nothing of that name"
                            .formatted(file));
        }
        long size = Files.size(file);
        if (size > LARGEST_FILE) {
            throw new IllegalArgumentException(
                    file
                            + " has "
                            + size
                            + " bytes; transfer settings have at most "
                            + LARGEST_FILE);
        }
        try (JsonParser in =
                JSON.createParser(ObjectReadContext.empty(), Files.readAllBytes(file))) {
            return hosts(in);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    file
                            + ":"
                            + e.getLocation().getLineNr()
                            + ": not JSON: "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    private Map<String, Host> hosts(JsonParser in) {
        in.nextToken();
        beginObject(in, "the file", "hosts");
        Map<String, Host> hosts = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String host = in.currentName();
            if (!host.matches("\\*|[A-Za-z0-9._:-]+")) {
                throw wrong(
                        in,
                        "'"
                                + host
                                + "' is not a host; expected a name or address without port, or *");
            }
            if (hosts.put(host.toLowerCase(Locale.ROOT), host(in, host)) != null) {
                throw wrong(in, "the host '" + host + "' is there twice");
            }
        }
        if (in.nextToken() != null) {
            throw wrong(in, "something follows the end of the settings");
        }
        return hosts;
    }

    private Host host(JsonParser in, String path) {
        in.nextToken();
        beginObject(in, "'" + path + "'", "dop, blockSize, read or write");
        Setting both = Setting.NONE;
        Setting read = Setting.NONE;
        Setting write = Setting.NONE;
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String key = in.currentName();
            String below = path + "." + key;
            switch (key) {
                case "dop" -> both = new Setting(dop(in, below), both.blockSize());
                case "blockSize" -> both = new Setting(both.dop(), blockSize(in, below));
                case "read" -> read = setting(in, below, false);
                case "write" -> write = setting(in, below, true);
                default -> throw unknown(in, below, "dop, blockSize, read or write");
            }
        }
        return new Host(both, read, write);
    }

    private Setting setting(JsonParser in, String path, boolean blocks) {
        String expected = blocks ? "dop or blockSize" : "dop";
        in.nextToken();
        beginObject(in, "'" + path + "'", expected);
        Setting setting = Setting.NONE;
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String key = in.currentName();
            String below = path + "." + key;
            if (key.equals("dop")) {
                setting = new Setting(dop(in, below), setting.blockSize());
            } else if (blocks && key.equals("blockSize")) {
                setting = new Setting(setting.dop(), blockSize(in, below));
            } else {
                throw unknown(in, below, expected);
            }
        }
        return setting;
    }

    private int dop(JsonParser in, String path) {
        JsonToken token = in.nextToken();
        String text = in.getString();
        if (token != JsonToken.VALUE_NUMBER_INT || !text.matches("[0-9]{1,4}")) {
            throw wrong(in, "'" + path + "' must be 1 to " + MOST_AT_A_TIME + ", not " + text);
        }
        int dop = Integer.parseInt(text);
        if (dop < 1 || dop > MOST_AT_A_TIME) {
            throw wrong(in, "'" + path + "' must be 1 to " + MOST_AT_A_TIME + ", not " + text);
        }
        return dop;
    }

    private ByteSize blockSize(JsonParser in, String path) {
        JsonToken token = in.nextToken();
        String text = in.getString();
        if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NUMBER_INT) {
            throw wrong(in, "'" + path + "' must be a size such as \"8MiB\", not " + text);
        }
        ByteSize size;
        try {
            size = ByteSize.parse(text);
        } catch (IllegalArgumentException e) {
            throw wrong(in, "'" + path + "': " + e.getMessage());
        }
        if (size.bytes() < 1 || size.bytes() > LARGEST_BLOCK) {
            throw wrong(in, "'" + path + "' must be 1 B to 1 GiB, not " + size);
        }
        return size;
    }

    private void beginObject(JsonParser in, String what, String expected) {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            throw wrong(in, what + " must be an object of " + expected);
        }
    }

    private IllegalArgumentException unknown(JsonParser in, String path, String expected) {
        return wrong(in, "the key '" + path + "' is unknown; expected " + expected);
    }

    private IllegalArgumentException wrong(JsonParser in, String what) {
        return new IllegalArgumentException(
                file + ":" + in.currentTokenLocation().getLineNr() + ": " + what);
    }
}
