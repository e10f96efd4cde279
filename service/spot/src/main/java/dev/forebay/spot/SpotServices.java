package dev.forebay.spot;

import dev.forebay.base.Clock;
import dev.forebay.datalog.DataLog;
import dev.forebay.identity.Users;
import io.grpc.BindableService;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import java.util.ArrayList;
import java.util.List;

/** All services over one log, with what all of them share around each. */
final class SpotServices {
    private SpotServices() {}

    static List<ServerServiceDefinition> of(DataLog log, Users users, Robot robot, Clock clock) {
        List<BindableService> services =
                List.of(
                        new AuthService(users),
                        new RobotIdService(robot),
                        new DirectoryService(List.of(Service.values()), clock.wall()),
                        new TimeSyncService(clock),
                        new DataBufferService(log),
                        new DataService(log));
        Tokens tokens = new Tokens(users);
        Answers answers = new Answers(clock);
        List<ServerServiceDefinition> all = new ArrayList<>();
        for (BindableService service : services) {
            ServerServiceDefinition plain = service.bindService();
            boolean open =
                    Service.ofType(plain.getServiceDescriptor().getName())
                            .filter(known -> !known.needsUser())
                            .isPresent();
            ServerServiceDefinition answering =
                    MalformedGuard.around(ServerInterceptors.intercept(plain, answers));
            all.add(open ? answering : ServerInterceptors.intercept(answering, tokens));
        }
        return all;
    }
}
