package dev.forebay.spot;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.Deletion;
import dev.forebay.datalog.EventQuery;
import dev.forebay.datalog.EventQuery.EventSpec;
import dev.forebay.datalog.EventsAndComments;
import dev.forebay.datalog.Kind;
import dev.forebay.datalog.LogStatus;
import dev.forebay.datalog.PageSummary;
import dev.forebay.datalog.SeriesKey;
import dev.forebay.datalog.SeriesSummary;
import dev.forebay.datalog.TimeRange;
import dev.forebay.spot.proto.BlobPages;
import dev.forebay.spot.proto.BlobSpec;
import dev.forebay.spot.proto.DataBufferStatus;
import dev.forebay.spot.proto.DataIndex;
import dev.forebay.spot.proto.DataQuery;
import dev.forebay.spot.proto.DataServiceGrpc.DataServiceImplBase;
import dev.forebay.spot.proto.DeleteDataPagesRequest;
import dev.forebay.spot.proto.DeleteDataPagesResponse;
import dev.forebay.spot.proto.DeletePageStatus;
import dev.forebay.spot.proto.Event;
import dev.forebay.spot.proto.EventsComments;
import dev.forebay.spot.proto.EventsCommentsSpec;
import dev.forebay.spot.proto.GetDataBufferStatusRequest;
import dev.forebay.spot.proto.GetDataBufferStatusResponse;
import dev.forebay.spot.proto.GetDataIndexRequest;
import dev.forebay.spot.proto.GetDataIndexResponse;
import dev.forebay.spot.proto.GetDataPagesRequest;
import dev.forebay.spot.proto.GetDataPagesResponse;
import dev.forebay.spot.proto.GetEventsCommentsRequest;
import dev.forebay.spot.proto.GetEventsCommentsResponse;
import dev.forebay.spot.proto.OperatorComment;
import dev.forebay.spot.proto.PagesAndTimestamp;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Answers questions about what was recorded, and deletes pages. A range with no beginning or no end
 * is open there; no range at all is everything. Used by many threads; its methods block for the
 * disk.
 */
final class DataService extends DataServiceImplBase {
    /** What clients take is 100 MiB; this leaves room for the rest of an answer. */
    private static final long MOST_BYTES = 96L << 20;

    /** Pages that an index names, about 200 bytes each. */
    static final int MOST_PAGES = 50_000;

    private final DataLog log;

    DataService(DataLog log) {
        this.log = log;
    }

    @Override
    public void getDataIndex(
            GetDataIndexRequest request, StreamObserver<GetDataIndexResponse> answer) {
        DataQuery query = request.getDataQuery();
        TimeRange range = Times.range(query.getTimeRange());
        Room room = new Room();
        DataIndex.Builder index = DataIndex.newBuilder().setTimeRange(query.getTimeRange());
        query.getBlobsList().forEach(spec -> index.addBlobs(blobs(range, spec, room)));
        if (query.getTextMessages()) {
            index.setTextMessages(pages(range, Kind.TEXT, room));
        }
        if (query.getEvents()) {
            index.setEvents(pages(range, Kind.EVENT, room));
        }
        if (query.getComments()) {
            index.setComments(pages(range, Kind.COMMENT, room));
        }
        answer.onNext(GetDataIndexResponse.newBuilder().setDataIndex(index).build());
        answer.onCompleted();
    }

    /** Room for pages in one index: many questions about many pages would fill the memory. */
    private static final class Room {
        private int left = MOST_PAGES;

        void take(int pages) {
            left -= pages;
            if (left < 0) {
                throw new InvalidRequestException(
                        "the index would name more than %d pages; ask for a shorter time, or for fewer channels at once"
                                .formatted(MOST_PAGES));
            }
        }
    }

    /** The pages with a blob that fits, once for each channel, type and source that does. */
    private BlobPages blobs(TimeRange range, BlobSpec wire, Room room) {
        dev.forebay.datalog.BlobSpec spec =
                new dev.forebay.datalog.BlobSpec(
                        wire.getSource(),
                        wire.getMessageType(),
                        wire.getChannel(),
                        wire.getChannelGlob());
        BlobPages.Builder found = BlobPages.newBuilder().setTimeRange(Times.range(range));
        for (PageSummary page : log.pages(range, spec)) {
            for (SeriesSummary series : page.series()) {
                if (spec.fits(series.key()) && series.range().overlaps(range)) {
                    room.take(1);
                    found.addPagesBuilder().setSpec(spec(series.key())).setPage(Pages.info(page));
                }
            }
        }
        return found.build();
    }

    private static BlobSpec spec(SeriesKey key) {
        return BlobSpec.newBuilder()
                .setSource(key.source())
                .setMessageType(key.type())
                .setChannel(key.channel())
                .build();
    }

    private PagesAndTimestamp pages(TimeRange range, Kind kind, Room room) {
        List<PageSummary> pages = log.pages(range, kind);
        room.take(pages.size());
        return PagesAndTimestamp.newBuilder()
                .setTimeRange(Times.range(range))
                .addAllPages(pages.stream().map(Pages::info).toList())
                .build();
    }

    @Override
    public void getEventsComments(
            GetEventsCommentsRequest request, StreamObserver<GetEventsCommentsResponse> answer) {
        EventsCommentsSpec asked = request.getEventCommentRequest();
        EventsAndComments found =
                log.events(
                        new EventQuery(
                                Times.range(asked.getTimeRange()),
                                asked.getEventsList().stream().map(DataService::spec).toList(),
                                asked.getComments(),
                                most(asked.getMaxEvents()),
                                most(asked.getMaxComments())));
        List<ByteBuffer> events = newest(found.events(), MOST_BYTES / 2);
        List<ByteBuffer> comments = newest(found.comments(), MOST_BYTES / 2);
        EventsComments.Builder response =
                EventsComments.newBuilder()
                        .setTimeRange(asked.getTimeRange())
                        .setEventsLimited(
                                found.eventsLimited() || events.size() < found.events().size())
                        .setOperatorCommentsLimited(
                                found.commentsLimited()
                                        || comments.size() < found.comments().size());
        events.forEach(event -> response.addEvents(parse(Event.parser(), event)));
        comments.forEach(
                comment -> response.addOperatorComments(parse(OperatorComment.parser(), comment)));
        answer.onNext(GetEventsCommentsResponse.newBuilder().setEventsComments(response).build());
        answer.onCompleted();
    }

    /** 0 is unset; the field is unsigned, so that a negative number is a large one. */
    private static int most(int asked) {
        return asked <= 0 ? EventQuery.MOST : Math.min(asked, EventQuery.MOST);
    }

    private static EventSpec spec(dev.forebay.spot.proto.EventSpec wire) {
        return new EventSpec(
                wire.getSource(),
                wire.getType(),
                wire.hasLevel() ? OptionalInt.of(wire.getLevel().getValue()) : OptionalInt.empty(),
                wire.getLogPreserveHint() == Event.LogPreserveHint.LOG_PRESERVE_HINT_PRESERVE);
    }

    /** The last messages that together have at most {@code bytes}, and one at least. */
    private static List<ByteBuffer> newest(List<ByteBuffer> messages, long bytes) {
        long left = bytes;
        int first = messages.size();
        while (first > 0) {
            left -= messages.get(first - 1).remaining();
            if (left < 0 && first < messages.size()) {
                break;
            }
            first--;
        }
        return messages.subList(first, messages.size());
    }

    private static <M extends MessageLite> M parse(Parser<M> parser, ByteBuffer message) {
        try {
            return parser.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the log gave a message that it should not hold", e);
        }
    }

    @Override
    public void getDataBufferStatus(
            GetDataBufferStatusRequest request,
            StreamObserver<GetDataBufferStatusResponse> answer) {
        LogStatus status = log.status();
        DataBufferStatus.Builder response =
                DataBufferStatus.newBuilder()
                        .setNumDataBufferPages(status.pages())
                        .setDataBufferTotalBytes(status.bytes())
                        .setNumComments(status.comments())
                        .setNumEvents(status.events());
        if (request.getGetBlobSpecs()) {
            response.addAllBlobSpecs(status.blobs().stream().map(DataService::spec).toList());
        }
        answer.onNext(
                GetDataBufferStatusResponse.newBuilder().setDataBufferStatus(response).build());
        answer.onCompleted();
    }

    @Override
    public void getDataPages(
            GetDataPagesRequest request, StreamObserver<GetDataPagesResponse> answer) {
        answer.onNext(
                GetDataPagesResponse.newBuilder()
                        .addAllPages(
                                log.pages(Times.range(request.getTimeRange())).stream()
                                        .map(Pages::info)
                                        .toList())
                        .build());
        answer.onCompleted();
    }

    /** Deletes the pages of the range, if there is one, and those that are named. */
    @Override
    public void deleteDataPages(
            DeleteDataPagesRequest request, StreamObserver<DeleteDataPagesResponse> answer) {
        DeleteDataPagesResponse.Builder response = DeleteDataPagesResponse.newBuilder();
        List<Long> ids = new ArrayList<>();
        for (String name : new HashSet<>(request.getPageIdsList())) {
            Optional<Long> id = Pages.number(name);
            if (id.isPresent()) {
                ids.add(id.get());
            } else {
                response.addStatus(
                        DeletePageStatus.newBuilder()
                                .setPageId(name)
                                .setStatus(DeletePageStatus.Status.STATUS_NOT_FOUND));
            }
        }
        Optional<TimeRange> range =
                request.hasTimeRange()
                        ? Optional.of(Times.range(request.getTimeRange()))
                        : Optional.empty();
        Deletion deleted = log.delete(range, ids);
        deleted.pages().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(page ->
                        response.addStatusBuilder()
                                .setPageId(Pages.name(page.getKey()))
                                .setStatus(status(page.getValue())));
        answer.onNext(response.setBytesDeleted(deleted.bytes()).build());
        answer.onCompleted();
    }

    private static DeletePageStatus.Status status(Deletion.Outcome outcome) {
        return switch (outcome) {
            case DELETED -> DeletePageStatus.Status.STATUS_DELETED;
            case NOT_FOUND -> DeletePageStatus.Status.STATUS_NOT_FOUND;
            case FAILED -> DeletePageStatus.Status.STATUS_DELETION_FAILED;
        };
    }
}
