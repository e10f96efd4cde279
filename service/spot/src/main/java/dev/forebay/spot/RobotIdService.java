package dev.forebay.spot;

import dev.forebay.spot.proto.RobotId;
import dev.forebay.spot.proto.RobotIdRequest;
import dev.forebay.spot.proto.RobotIdResponse;
import dev.forebay.spot.proto.RobotIdServiceGrpc.RobotIdServiceImplBase;
import io.grpc.stub.StreamObserver;

/** Says which robot this is. */
final class RobotIdService extends RobotIdServiceImplBase {
    private final RobotId id;

    RobotIdService(Robot robot) {
        id =
                RobotId.newBuilder()
                        .setSerialNumber(robot.serial())
                        .setSpecies("forebay")
                        .setNickname(robot.nickname())
                        .build();
    }

    @Override
    public void getRobotId(RobotIdRequest request, StreamObserver<RobotIdResponse> answer) {
        answer.onNext(RobotIdResponse.newBuilder().setRobotId(id).build());
        answer.onCompleted();
    }
}
