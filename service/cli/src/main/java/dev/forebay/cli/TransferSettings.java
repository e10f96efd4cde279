package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.blobhttp.AccessUrl;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How to transfer, by the host of the access URL: {@code $XDG_CONFIG_HOME/forebay/transfer.json}.
 * For each value on its own, what is said under the host beats what is said under {@code *}, and
 * under either of them {@code read} or {@code write} beats what stands beside these. Flags beat all
 * of it, but that is for the commands.
 */
final class TransferSettings {
    /** What stands for all hosts. */
    static final String ANY = "*";

    /** Which way the data goes. */
    enum Direction {
        READ,
        WRITE
    }

    /** What is set; null is not. */
    record Setting(@Nullable Integer dop, @Nullable ByteSize blockSize) {
        static final Setting NONE = new Setting(null, null);

        /** This, and where this says nothing, the other. */
        Setting or(Setting other) {
            return new Setting(
                    dop != null ? dop : other.dop, blockSize != null ? blockSize : other.blockSize);
        }
    }

    /** What is set for one host. */
    record Host(Setting both, Setting read, Setting write) {
        static final Host NONE = new Host(Setting.NONE, Setting.NONE, Setting.NONE);

        Setting of(Direction direction) {
            return (direction == Direction.READ ? read : write).or(both);
        }
    }

    private final Map<String, Host> hosts;

    TransferSettings(Map<String, Host> hosts) {
        this.hosts = hosts;
    }

    /**
     * Those of the user; none if there is no file.
     *
     * @throws IllegalArgumentException if anything in the file is wrong; names line and key
     */
    static TransferSettings of(Shell shell) throws IOException {
        Optional<Path> file =
                shell.folderIfKnown("XDG_CONFIG_HOME", ".config")
                        .map(folder -> folder.resolve("transfer.json"))
                        .filter(Files::exists);
        return file.isPresent()
                ? new TransferSettings(new TransferSettingsFile(file.get()).read())
                : new TransferSettings(Map.of());
    }

    /** What holds for transfers at the host of the URL. */
    Setting at(AccessUrl url, Direction direction) {
        String host = String.valueOf(URI.create(url.toString()).getHost()).toLowerCase(Locale.ROOT);
        return hosts.getOrDefault(host, Host.NONE)
                .of(direction)
                .or(hosts.getOrDefault(ANY, Host.NONE).of(direction));
    }
}
