package dev.forebay.cli;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.bddf.BddfException;
import dev.forebay.bddf.BddfRecovery;
import dev.forebay.datalog.DataLog;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Completes a BDDF file that was cut, or all pages of a log whose server does not run. */
@Command(
        name = "recover",
        description =
                "Complete a BDDF file that was cut, or the pages of a log, and say what is missing.",
        footerHeading = "%nExample:%n",
        footer = "  forebay log recover --file cut.bddf",
        mixinStandardHelpOptions = true)
final class LogRecoverCommand implements Callable<Integer> {
    @Option(
            names = "--file",
            paramLabel = "BDDF",
            description = "The file, which is changed; an index of its blocks is put beside it.")
    private Path file;

    @Mixin private LogPlace place;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if ((file == null) == !place.isDirectory()) {
            throw new IllegalArgumentException("expected --file BDDF or --data DIR");
        }
        Map<String, Object> found;
        if (file == null) {
            try (DataLog log = place.open()) {
                found = LogStatusCommand.status(log);
            }
        } else {
            if (!Files.isRegularFile(file)) {
                throw new IOException(
                        Files.exists(file)
                                ? "'%s' is a folder or a device; name a BDDF file, or a data directory with --data"
                                        .formatted(file)
                                : "there is no file '%s'".formatted(file));
            }
            found = recovered(file);
        }
        Shell.of(spec).out().println(PlainJson.writeIndented(found));
        return 0;
    }

    private static Map<String, Object> recovered(Path file) throws IOException {
        String name = file.getFileName().toString().replaceFirst("\\.bddf$", "") + ".index";
        BddfRecovery.Report report = recover(file, file.resolveSibling(name));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("wasComplete", report.complete());
        json.put("blocks", report.blocks());
        json.put("emptyPayloads", report.emptyPayloads());
        json.put("cutBytes", report.cutBytes());
        json.put("lostBlocks", report.lostBlocks());
        json.put(
                "damage",
                report.damage().stream()
                        .map(each -> {
                            Map<String, Object> row = new LinkedHashMap<>();
                            row.put("offset", each.offset());
                            row.put("bytes", each.bytes());
                            row.put("blocks", each.blocks());
                            return row;
                        })
                        .toList());
        return json;
    }

    private static BddfRecovery.Report recover(Path file, Path index) throws IOException {
        try {
            return BddfRecovery.recover(Disk.system(), file, index);
        } catch (BddfException e) {
            String reason =
                    "nothing of '%s' can be recovered: %s; it was not changed"
                            .formatted(file, e.getMessage());
            if (e.fault() == BddfException.Fault.NOT_BDDF) {
                throw new IOException(reason, e);
            }
            throw new DamagedException(reason, e);
        }
    }
}
