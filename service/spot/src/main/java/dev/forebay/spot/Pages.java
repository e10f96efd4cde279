package dev.forebay.spot;

import dev.forebay.datalog.PageSummary;
import dev.forebay.spot.proto.PageInfo;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Pages as the wire names and describes them. */
final class Pages {
    private static final Pattern NAME = Pattern.compile("\\d{1,18}");

    private Pages() {}

    /** The name of a page, which is that of its file too. */
    static String name(long id) {
        return "%012d".formatted(id);
    }

    /** The page with this name; empty if none can have it. */
    static Optional<Long> number(String name) {
        return NAME.matcher(name).matches() ? Optional.of(Long.parseLong(name)) : Optional.empty();
    }

    static PageInfo info(PageSummary page) {
        List<String> sources =
                page.series().stream().map(series -> series.key().source()).distinct().toList();
        PageInfo.Builder info =
                PageInfo.newBuilder()
                        .setId(name(page.id()))
                        .setPath("pages/%s.bddf".formatted(name(page.id())))
                        .setSource(sources.size() == 1 ? sources.getFirst() : "")
                        .setNumTicks(page.entries())
                        .setTotalBytes(page.bytes())
                        .setFormat(PageInfo.PageFormat.FORMAT_BDDF_FILE)
                        .setCompression(PageInfo.Compression.COMPRESSION_NONE)
                        .setIsOpen(page.open())
                        .setRequestPreserve(page.preserve());
        page.range().ifPresent(range -> info.setTimeRange(Times.range(range)));
        return info.build();
    }
}
