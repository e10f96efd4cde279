package dev.forebay.datalog;

import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * What is given to the log. An entry without a time gets the time at which it came. Buffers are
 * read from their position to their limit, and stay as they are.
 */
public sealed interface Entry {
    /**
     * A message for people.
     *
     * @param message a {@code bosdyn.api.TextMessage} in the wire format of Protocol Buffers
     */
    record Text(ByteBuffer message) implements Entry {}

    /**
     * A note of the operator.
     *
     * @param message a {@code bosdyn.api.OperatorComment}, likewise
     */
    record Comment(ByteBuffer message) implements Entry {}

    /**
     * Something that happened.
     *
     * @param message a {@code bosdyn.api.Event}, likewise
     */
    record Event(ByteBuffer message) implements Entry {}

    /**
     * Bytes that the log does not look into.
     *
     * @param nanos when they were sampled, in nanoseconds since 1970 UTC
     * @param channel the label that queries use; empty for {@code typeId}
     * @param typeId how to read the bytes, such as the full name of a message; not empty
     * @param source who sent them; may be empty
     * @param data the bytes, from its position
     */
    record Blob(OptionalLong nanos, String channel, String typeId, String source, ByteBuffer data)
            implements Entry {}

    /**
     * One sample of the variables of a schema.
     *
     * @param nanos when it was sampled, in nanoseconds since 1970 UTC
     * @param sequence a number that should grow by one from tick to tick
     * @param source who sent it; may be empty
     * @param schemaId the number that {@link DataLog#register} gave
     * @param data the values, one behind the other
     */
    record Tick(OptionalLong nanos, long sequence, String source, long schemaId, ByteBuffer data)
            implements Entry {}

    /**
     * One half of a call of a service of the server's own.
     *
     * @param answer whether it is the response, and not the request
     * @param nanos when it was sent, in nanoseconds since 1970 UTC
     * @param service the name of the service in the directory
     * @param typeId the full name of the message
     * @param source who called; may be empty
     * @param message its bytes
     */
    record Call(
            boolean answer,
            OptionalLong nanos,
            String service,
            String typeId,
            String source,
            ByteBuffer message)
            implements Entry {}

    /**
     * An entry that its sender's protocol allows and the log does not. It keeps its place in the
     * list, is refused as {@link Refusal.Reason#INVALID}, and is counted.
     *
     * @param reason what was expected, what was found, and the next step
     */
    record Malformed(String reason) implements Entry {}
}
