package dev.forebay.spot;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;

/** The empty messages of a method. */
final class Messages {
    private Messages() {}

    static Message requestOf(MethodDescriptor<?, ?> method) {
        return prototype(method, method.getRequestMarshaller());
    }

    static Message responseOf(MethodDescriptor<?, ?> method) {
        return prototype(method, method.getResponseMarshaller());
    }

    private static Message prototype(MethodDescriptor<?, ?> method, Marshaller<?> marshaller) {
        if (marshaller instanceof PrototypeMarshaller<?> typed
                && typed.getMessagePrototype() instanceof Message message) {
            return message;
        }
        throw new IllegalStateException(
                "%s has no Protocol Buffers message".formatted(method.getFullMethodName()));
    }
}
