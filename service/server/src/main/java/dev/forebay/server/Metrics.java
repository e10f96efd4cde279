package dev.forebay.server;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.forebay.base.Disk;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.LogStatus;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * The figures of a running server, written when they are asked for. Until then they cost the sums
 * of {@link RequestCounts}, and nothing at the start. Safe for use by many threads; blocks on
 * files.
 *
 * @param followers how many requests wait for data
 * @param batched how many blobs were created several at once
 */
record Metrics(
        RequestCounts requests,
        CallCounts calls,
        SyncTimes times,
        IntSupplier followers,
        LongSupplier batched,
        Health health,
        DataLog log,
        Disk disk,
        Path data) {
    private static final double NANOS = 1e9;
    private static final String BLOBS = "/containers/{id}/{blob...}";

    /** All of them. */
    MetricsText text() throws IOException {
        MetricsText text = new MetricsText();
        ofRequests(text);
        ofCalls(text);
        ofSyncs(text);
        ofDisk(text);
        ofProcess(text);
        return text;
    }

    private void ofRequests(MetricsText text) {
        List<Map.Entry<RequestCounts.Kind, RequestCounts.Sums>> kinds =
                requests.kinds().entrySet().stream()
                        .sorted(Comparator.comparing(each -> each.getKey().toString()))
                        .toList();
        text.begin("forebay_requests_total", "counter", "Requests that were answered or cut off.");
        kinds.forEach(each ->
                text.sample(
                        "forebay_requests_total",
                        labels(each.getKey()),
                        each.getValue().count().sum()));
        text.begin(
                "forebay_request_seconds_total",
                "counter",
                "Time of these requests, with waits for data and for the client.");
        kinds.forEach(each ->
                text.sample(
                        "forebay_request_seconds_total",
                        labels(each.getKey()),
                        each.getValue().nanos().sum() / NANOS));
        text.counter(
                "forebay_received_bytes_total",
                "Bodies of requests, in bytes.",
                requests.bytesIn());
        text.counter(
                "forebay_sent_bytes_total", "Bodies of answers, in bytes.", requests.bytesOut());
        text.counter(
                "forebay_blobs_created_total",
                "Blobs that were put and acknowledged.",
                blobs(kinds, "PUT", List.of("201")) + batched.getAsLong());
        text.counter(
                "forebay_blobs_sent_total",
                "Blobs, and parts of blobs, that were sent.",
                blobs(kinds, "GET", List.of("200", "206")));
        text.gauge(
                "forebay_followers_waiting",
                "Requests that wait for data or follow it.",
                followers.getAsInt());
    }

    private void ofCalls(MetricsText text) {
        List<Map.Entry<CallCounts.Kind, CallCounts.Sums>> kinds =
                calls.kinds().entrySet().stream()
                        .sorted(Comparator.comparing(each -> each.getKey().toString()))
                        .toList();
        text.begin("forebay_grpc_calls_total", "counter", "Calls of gRPC that are over.");
        kinds.forEach(each ->
                text.sample(
                        "forebay_grpc_calls_total",
                        labels(each.getKey()),
                        each.getValue().count().sum()));
        text.begin("forebay_grpc_call_seconds_total", "counter", "Time of these calls.");
        kinds.forEach(each ->
                text.sample(
                        "forebay_grpc_call_seconds_total",
                        labels(each.getKey()),
                        each.getValue().nanos().sum() / NANOS));
    }

    private static Map<String, String> labels(CallCounts.Kind kind) {
        return Map.of("method", kind.method(), "status", kind.status());
    }

    /** A summary has its sums and its counts together, a failed sync in both. */
    private void ofSyncs(MetricsText text) {
        String name = "forebay_sync_seconds";
        text.begin(name, "summary", "Syncs of files and directories, forces of journals included.");
        ofEachSync((labels, sums) ->
                text.sample(name + "_sum", labels, sums.nanos().sum() / NANOS)
                        .sample(name + "_count", labels, sums.count().sum()));
        String failed = "forebay_sync_failures_total";
        text.begin(failed, "counter", "Those of these syncs that failed.");
        ofEachSync((labels, sums) -> text.sample(failed, labels, sums.failed().sum()));
    }

    private void ofEachSync(BiConsumer<Map<String, String>, SyncTimes.Sums> sample) {
        for (SyncTimes.Area area : SyncTimes.Area.values()) {
            for (SyncTimes.Of of : SyncTimes.Of.values()) {
                sample.accept(Map.of("area", area.word(), "of", of.word()), times.sums(area, of));
            }
        }
    }

    private static Map<String, String> labels(RequestCounts.Kind kind) {
        return Map.of("method", kind.method(), "route", kind.route(), "status", kind.status());
    }

    private static long blobs(
            List<Map.Entry<RequestCounts.Kind, RequestCounts.Sums>> kinds,
            String method,
            List<String> statuses) {
        return kinds.stream()
                .filter(each -> each.getKey().route().equals(BLOBS))
                .filter(each -> each.getKey().method().equals(method))
                .filter(each -> statuses.contains(each.getKey().status()))
                .mapToLong(each -> each.getValue().count().sum())
                .sum();
    }

    private void ofDisk(MetricsText text) throws IOException {
        Health.Syncs syncs = health.syncs();
        String sync = "forebay_disk_sync_seconds";
        text.begin(
                        sync,
                        "summary",
                        "Probes: a page that is synced in the data directory every 2 s.")
                .sample(sync + "_sum", syncs.nanos() / NANOS)
                .sample(sync + "_count", syncs.count());
        text.gauge(
                "forebay_disk_last_sync_seconds", "The last of these syncs.", syncs.last() / NANOS);
        text.gauge("forebay_healthy", "1 if /healthz says 200.", health.fault().isEmpty() ? 1 : 0);
        text.gauge(
                "forebay_disk_usable_bytes",
                "What this process may still write where its data is.",
                disk.usableBytes(data));
        LogStatus status = log.status();
        text.gauge("forebay_log_pages", "Pages of the data log.", status.pages());
        text.gauge("forebay_log_bytes", "Their files, in bytes.", status.bytes());
        long bytes = 0;
        List<Path> journal = disk.list(data.resolve("log").resolve("catalogue"));
        for (Path file : journal) {
            bytes += disk.stat(file).map(Disk.Entry::size).orElse(0L); // It may be gone by now.
        }
        text.gauge("forebay_journal_bytes", "Files of the log's journal, in bytes.", bytes);
        text.gauge("forebay_journal_files", "How many they are.", journal.size());
        text.gauge(
                "forebay_log_damaged",
                "Blocks and pages of the log that were found damaged.",
                status.damaged());
    }

    private static void ofProcess(MetricsText text) {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        text.begin("jvm_memory_used_bytes", "gauge", "Memory in use.");
        memory(text, "jvm_memory_used_bytes", "heap", memory.getHeapMemoryUsage());
        memory(text, "jvm_memory_used_bytes", "nonheap", memory.getNonHeapMemoryUsage());
        text.gauge(
                "jvm_heap_max_bytes",
                "The largest that the heap may become.",
                memory.getHeapMemoryUsage().getMax());
        text.begin("jvm_buffer_memory_used_bytes", "gauge", "Memory of buffers outside the heap.");
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            Map<String, String> labels = Map.of("pool", pool.getName());
            text.sample("jvm_buffer_memory_used_bytes", labels, pool.getMemoryUsed());
        }
        text.begin("jvm_gc_seconds_total", "counter", "Time in garbage collections.");
        for (GarbageCollectorMXBean each : ManagementFactory.getGarbageCollectorMXBeans()) {
            Map<String, String> labels = Map.of("gc", each.getName());
            text.sample("jvm_gc_seconds_total", labels, each.getCollectionTime() / 1e3);
        }
        text.begin("jvm_gc_collections_total", "counter", "Garbage collections.");
        for (GarbageCollectorMXBean each : ManagementFactory.getGarbageCollectorMXBeans()) {
            Map<String, String> labels = Map.of("gc", each.getName());
            text.sample("jvm_gc_collections_total", labels, each.getCollectionCount());
        }
        text.gauge(
                "jvm_threads",
                "Platform threads.",
                ManagementFactory.getThreadMXBean().getThreadCount());
        if (ManagementFactory.getOperatingSystemMXBean()
                instanceof UnixOperatingSystemMXBean unix) {
            text.counter(
                    "process_cpu_seconds_total",
                    "Processor time of this process.",
                    unix.getProcessCpuTime() / NANOS);
            text.gauge(
                    "process_open_fds",
                    "Open files and connections.",
                    unix.getOpenFileDescriptorCount());
        }
        text.gauge(
                "process_uptime_seconds",
                "Since the process was started.",
                ManagementFactory.getRuntimeMXBean().getUptime() / 1e3);
    }

    private static void memory(MetricsText text, String name, String area, MemoryUsage usage) {
        text.sample(name, Map.of("area", area), usage.getUsed());
    }
}
