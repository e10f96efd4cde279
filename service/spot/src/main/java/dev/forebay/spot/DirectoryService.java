package dev.forebay.spot;

import com.google.protobuf.Timestamp;
import dev.forebay.spot.proto.DirectoryServiceGrpc.DirectoryServiceImplBase;
import dev.forebay.spot.proto.GetServiceEntryRequest;
import dev.forebay.spot.proto.GetServiceEntryResponse;
import dev.forebay.spot.proto.ListServiceEntriesRequest;
import dev.forebay.spot.proto.ListServiceEntriesResponse;
import dev.forebay.spot.proto.ServiceEntry;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.List;

/** Says which services there are. */
final class DirectoryService extends DirectoryServiceImplBase {
    private final List<ServiceEntry> entries;

    /**
     * @param since when the services began
     */
    DirectoryService(List<Service> services, Instant since) {
        Timestamp updated = Times.of(since);
        entries =
                services.stream()
                        .map(service ->
                                ServiceEntry.newBuilder()
                                        .setName(service.directoryName())
                                        .setType(service.type())
                                        .setAuthority(service.authority())
                                        .setLastUpdate(updated)
                                        .setUserTokenRequired(service.needsUser())
                                        .build())
                        .toList();
    }

    @Override
    public void listServiceEntries(
            ListServiceEntriesRequest request, StreamObserver<ListServiceEntriesResponse> answer) {
        answer.onNext(
                ListServiceEntriesResponse.newBuilder().addAllServiceEntries(entries).build());
        answer.onCompleted();
    }

    @Override
    public void getServiceEntry(
            GetServiceEntryRequest request, StreamObserver<GetServiceEntryResponse> answer) {
        GetServiceEntryResponse.Builder response = GetServiceEntryResponse.newBuilder();
        entries.stream()
                .filter(entry -> entry.getName().equals(request.getServiceName()))
                .findFirst()
                .ifPresentOrElse(
                        entry ->
                                response.setStatus(GetServiceEntryResponse.Status.STATUS_OK)
                                        .setServiceEntry(entry),
                        () ->
                                response.setStatus(
                                        GetServiceEntryResponse.Status.STATUS_NONEXISTENT_SERVICE));
        answer.onNext(response.build());
        answer.onCompleted();
    }
}
