package dev.forebay.spot;

import dev.forebay.spot.proto.AuthServiceGrpc;
import dev.forebay.spot.proto.DataAcquisitionStoreServiceGrpc;
import dev.forebay.spot.proto.DataBufferServiceGrpc;
import dev.forebay.spot.proto.DataServiceGrpc;
import dev.forebay.spot.proto.DirectoryServiceGrpc;
import dev.forebay.spot.proto.RobotIdServiceGrpc;
import dev.forebay.spot.proto.TimeSyncServiceGrpc;

/** The entries of the directory. The authority is the name that a client checks in TLS. */
enum Service {
    AUTH("auth", AuthServiceGrpc.SERVICE_NAME, "auth", false),
    ROBOT_ID("robot-id", RobotIdServiceGrpc.SERVICE_NAME, "id", false),
    DIRECTORY("directory", DirectoryServiceGrpc.SERVICE_NAME, "api", true),
    TIME_SYNC("time-sync", TimeSyncServiceGrpc.SERVICE_NAME, "api", true),
    DATA_BUFFER("data-buffer", DataBufferServiceGrpc.SERVICE_NAME, "data-buffer", true),
    DATA_ACQUISITION_STORE(
            "data-acquisition-store",
            DataAcquisitionStoreServiceGrpc.SERVICE_NAME,
            "data-acquisition-store",
            true),
    DATA("data", DataServiceGrpc.SERVICE_NAME, "data", true),
    /** The name by which the documents call {@link #DATA}. */
    DATA_SERVICE("data-service", DataServiceGrpc.SERVICE_NAME, "data", true);

    private final String directoryName;
    private final String type;
    private final String authority;
    private final boolean needsUser;

    Service(String directoryName, String type, String authority, boolean needsUser) {
        this.directoryName = directoryName;
        this.type = type;
        this.authority = authority + ".spot.robot";
        this.needsUser = needsUser;
    }

    String directoryName() {
        return directoryName;
    }

    /** The full name of the gRPC service. */
    String type() {
        return type;
    }

    String authority() {
        return authority;
    }

    /** Whether its calls need the token of a user. */
    boolean needsUser() {
        return needsUser;
    }
}
