package dev.forebay.cli;

import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.Ledger;
import dev.forebay.datalog.LogStatus;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints how much a log holds, and where every entry is. */
@Command(
        name = "status",
        description = "Print how much a log holds, what was lost and what was refused.",
        footerHeading = "%nExample:%n",
        footer = "  forebay log status --data DIR",
        mixinStandardHelpOptions = true)
final class LogStatusCommand implements Callable<Integer> {
    @Mixin private LogPlace place;
    @Mixin private Rows rows;

    @Override
    public Integer call() throws IOException {
        Object status = place.<Object>ask(LogStatusCommand::status, client -> client.get("status"));
        rows.keys(status);
        return 0;
    }

    static Map<String, Object> status(DataLog log) {
        LogStatus status = log.status();
        Ledger ledger = log.ledger();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("pages", status.pages());
        json.put("bytes", status.bytes());
        json.put("comments", status.comments());
        json.put("events", status.events());
        json.put("damaged", status.damaged());
        json.put("taken", ledger.taken());
        json.put("held", ledger.held());
        Map<String, Object> lost = new TreeMap<>();
        ledger.lost().forEach((way, count) -> lost.put(way.name(), count));
        json.put("lost", lost);
        Map<String, Object> refused = new TreeMap<>();
        ledger.refused().forEach((reason, count) -> refused.put(reason.name(), count));
        json.put("refused", refused);
        json.put(
                "blobs",
                status.blobs().stream()
                        .map(key ->
                                Map.of(
                                        "channel", key.channel(),
                                        "type", key.type(),
                                        "source", key.source()))
                        .toList());
        return json;
    }
}
