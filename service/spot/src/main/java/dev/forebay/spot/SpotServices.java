package dev.forebay.spot;

import dev.forebay.base.Clock;
import dev.forebay.datalog.DataLog;
import dev.forebay.identity.Users;
import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All services over one log, with what all of them share around each. From the outside in: the
 * check of the token, the bytes become a message, the call is kept, the header is filled, the
 * service answers. Closing it keeps the last counts; the log stays open.
 */
final class SpotServices implements AutoCloseable {
    private final List<ServerServiceDefinition> ofUsers = new ArrayList<>();
    private final List<ServerServiceDefinition> ofStrangers = new ArrayList<>();
    private final DataLog log;
    private final boolean keepCalls;
    private final RecordCounts counts;
    private final CallLimit strangers;
    private final Tokens tokens;
    private final Answers answers;

    /**
     * @param keepCalls whether the calls of the services are kept in the log too
     */
    SpotServices(DataLog log, Users users, Robot robot, Clock clock, boolean keepCalls) {
        this.log = log;
        this.keepCalls = keepCalls;
        counts = new RecordCounts(log, clock);
        strangers = new CallLimit(clock);
        tokens = new Tokens(users);
        answers = new Answers(clock);
        add(Service.AUTH, new AuthService(users));
        add(Service.ROBOT_ID, new RobotIdService(robot));
        add(Service.DIRECTORY, new DirectoryService(List.of(Service.values()), clock.wall()));
        add(Service.TIME_SYNC, new TimeSyncService(clock));
        add(Service.DATA_BUFFER, new DataBufferService(log));
        add(Service.DATA, new DataService(log));
        add(Service.DATA_ACQUISITION_STORE, new CaptureService(new CaptureStore(log, clock)));
    }

    private void add(Service service, BindableService answering) {
        List<ServerInterceptor> inside = new ArrayList<>();
        if (keepCalls) {
            inside.add(
                    service == Service.DATA_BUFFER ? counts : new CallLog(log, service, strangers));
        }
        inside.add(answers);
        ServerServiceDefinition guarded =
                MalformedGuard.around(
                        ServerInterceptors.interceptForward(answering.bindService(), inside));
        if (service.needsUser()) {
            ofUsers.add(ServerInterceptors.intercept(guarded, tokens));
        } else {
            ofStrangers.add(guarded);
        }
    }

    /** Those whose calls need the token of a user. */
    List<ServerServiceDefinition> ofUsers() {
        return List.copyOf(ofUsers);
    }

    /** Those that anyone may call. */
    List<ServerServiceDefinition> ofStrangers() {
        return List.copyOf(ofStrangers);
    }

    /** The full names of the methods of all services. */
    Set<String> methods() {
        return Stream.concat(ofUsers.stream(), ofStrangers.stream())
                .flatMap(service -> service.getMethods().stream())
                .map(method -> method.getMethodDescriptor().getFullMethodName())
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public void close() {
        if (keepCalls) {
            counts.close();
        }
    }
}
