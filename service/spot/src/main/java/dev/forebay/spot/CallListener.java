package dev.forebay.spot;

/**
 * Is told of every gRPC call, those that no service took among them. Its methods are called by many
 * threads at once and must not block.
 */
public interface CallListener {
    /**
     * There is this method; told before the first call.
     *
     * @param method service and method, such as {@code bosdyn.api.AuthService/GetAuthToken}
     */
    void serves(String method);

    /**
     * A call is over.
     *
     * @param method a method that is served, or {@code other}
     * @param status the name of its status code in gRPC, such as {@code OK}; an error that a
     *     service says in the header of its answer is {@code OK} too
     * @param nanos since its begin
     */
    void ended(String method, String status, long nanos);
}
