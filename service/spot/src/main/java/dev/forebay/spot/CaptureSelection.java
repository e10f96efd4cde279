package dev.forebay.spot;

import com.google.protobuf.Timestamp;
import dev.forebay.spot.proto.CaptureActionId;
import dev.forebay.spot.proto.DataQueryParams;
import dev.forebay.spot.proto.QueryParameters;
import dev.forebay.spot.proto.QueryStoredCaptureResult;
import dev.forebay.spot.proto.QueryStoredCaptureResult.ResultCase;
import dev.forebay.spot.proto.TimeRangeQuery;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which captures are meant. Actions and channels are alternatives each; times, actions, channels
 * and kinds must all fit. Immutable.
 *
 * @param first the least number
 */
record CaptureSelection(
        long first,
        Predicate<Timestamp> times,
        List<CaptureActionId> actions,
        Set<String> channels,
        Set<ResultCase> kinds) {
    /** All kinds but large data, which has to be asked for. */
    private static final Set<ResultCase> USUAL =
            EnumSet.of(
                    ResultCase.IMAGE, ResultCase.METADATA, ResultCase.ALERT_DATA, ResultCase.DATA);

    static CaptureSelection of(DataQueryParams query, Set<ResultCase> kinds) {
        return new CaptureSelection(
                0,
                times(query.getTimeRange()),
                query.getActionIds().getActionIdsList(),
                Set.of(),
                kinds);
    }

    static CaptureSelection of(QueryParameters query) {
        Set<ResultCase> kinds = EnumSet.noneOf(ResultCase.class);
        add(kinds, query.getIncludeImages(), ResultCase.IMAGE);
        add(kinds, query.getIncludeData(), ResultCase.DATA);
        add(kinds, query.getIncludeMetadata(), ResultCase.METADATA);
        add(kinds, query.getIncludeAlerts(), ResultCase.ALERT_DATA);
        if (kinds.isEmpty() && !query.getIncludeLarge()) {
            kinds.addAll(USUAL);
        }
        add(kinds, query.getIncludeLarge(), ResultCase.LARGE_DATA);
        long first = query.getCapturesFromId();
        return new CaptureSelection(
                first < 0 ? Long.MAX_VALUE : first, // It is unsigned, and numbers are not so large.
                times(query.getTimeRange()),
                query.getActionIdsList(),
                Set.copyOf(query.getChannelsList()),
                kinds);
    }

    private static void add(Set<ResultCase> kinds, boolean asked, ResultCase kind) {
        if (asked) {
            kinds.add(kind);
        }
    }

    private static Predicate<Timestamp> times(TimeRangeQuery range) {
        long from =
                range.hasFromTimestamp()
                        ? Times.nanosOf("from_timestamp", range.getFromTimestamp())
                        : Long.MIN_VALUE;
        long to =
                range.hasToTimestamp()
                        ? Times.nanosOf("to_timestamp", range.getToTimestamp())
                        : Long.MAX_VALUE;
        return time -> {
            long nanos = Times.known(time).orElse(Long.MAX_VALUE);
            return nanos >= from && nanos <= to;
        };
    }

    boolean fits(QueryStoredCaptureResult capture) {
        CaptureActionId action = capture.getDataId().getActionId();
        return kinds.contains(capture.getResultCase())
                && times.test(action.getTimestamp())
                && (channels.isEmpty() || channels.contains(capture.getDataId().getChannel()))
                && (actions.isEmpty()
                        || actions.stream()
                                .anyMatch(pattern -> CaptureStore.fits(pattern, action)));
    }
}
