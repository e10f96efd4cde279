package dev.forebay.spot;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.forebay.spot.proto.DataIdentifier;
import dev.forebay.spot.proto.Image;
import dev.forebay.spot.proto.QueryStoredCaptureResult;
import dev.forebay.spot.proto.StoredLargeCapturedData;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a stored capture holds, as a file.
 *
 * @param name of action, channel, data and form, as the stock client names it; not safe as a path
 * @param data read-only
 */
public record CaptureFile(String name, ByteBuffer data) {
    /** The type of the blobs that are captures. */
    public static final String TYPE = CaptureStore.TYPE;

    /** The file of such a blob; empty if it is no capture. */
    public static Optional<CaptureFile> of(ByteBuffer blob) {
        try {
            QueryStoredCaptureResult capture = QueryStoredCaptureResult.parseFrom(blob.duplicate());
            DataIdentifier id = capture.getDataId();
            String name =
                    id.getActionId().getActionName() + "_" + id.getChannel() + id.getDataName();
            return switch (capture.getResultCase()) {
                case IMAGE -> {
                    Image image = capture.getImage().getImage();
                    boolean jpeg = image.getFormat() == Image.Format.FORMAT_JPEG;
                    yield file(
                            name + (jpeg ? ".jpg" : ".raw"),
                            image.getData().asReadOnlyByteBuffer());
                }
                case DATA ->
                        file(
                                name + extension(capture.getData().getFileExtension()),
                                capture.getData().getData().asReadOnlyByteBuffer());
                case LARGE_DATA -> {
                    StoredLargeCapturedData large = capture.getLargeData();
                    yield file(
                            name
                                    + extension(large.getFileExtension())
                                    + ".from-"
                                    + large.getOffset(),
                            large.getChunk().getData().asReadOnlyByteBuffer());
                }
                case METADATA -> file(name + ".metadata.pb", bytes(capture.getMetadata()));
                case ALERT_DATA -> file(name + ".alert.pb", bytes(capture.getAlertData()));
                case RESULT_NOT_SET -> Optional.empty();
            };
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty(); // A client may give a blob any type.
        }
    }

    private static Optional<CaptureFile> file(String name, ByteBuffer data) {
        return Optional.of(new CaptureFile(name, data));
    }

    private static String extension(String given) {
        return given.isEmpty() ? ".bin" : given;
    }

    private static ByteBuffer bytes(Message message) {
        return message.toByteString().asReadOnlyByteBuffer();
    }
}
