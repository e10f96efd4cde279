package dev.forebay.spot;

import dev.forebay.base.Clock;
import dev.forebay.base.MemoryBudget;
import dev.forebay.datalog.DataLog;
import dev.forebay.identity.Users;
import io.grpc.ServerServiceDefinition;
import io.grpc.servlet.jakarta.ServletAdapter;
import io.grpc.servlet.jakarta.ServletServerBuilder;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Handler;

/**
 * Answers gRPC requests that come over HTTP/2: the log as the clients of the Spot SDK see it.
 *
 * <p><b>Guarantee.</b> Messages of 100 MiB, the most that stock clients send, are taken; a larger
 * one is refused. Who has not logged in can send {@link #LARGEST_OF_STRANGERS} bytes, so strangers
 * cannot fill the memory, and {@link LargeMessages} bounds what users send at once. Each call has a
 * virtual thread of its own.
 *
 * <p><b>Limit.</b> A message is held in memory whole. The stream of a message that is too large is
 * reset behind its status, so that a client may see only the reset.
 */
public final class SpotHandler extends Handler.Wrapper {
    /** What stock clients send at most, and room for what is around it. */
    static final int LARGEST_MESSAGE = (100 << 20) + (64 << 10);

    /** A name and a password, or a token, with a header. */
    static final int LARGEST_OF_STRANGERS = 16 << 10;

    private final ExecutorService calls;
    private final ServletAdapter ofUsers;
    private final ServletAdapter ofStrangers;
    private final SpotServices services;

    /**
     * Serves {@code log}, which the caller closes after this handler was stopped.
     *
     * @param keepCalls whether the calls of the services are kept in the log too
     * @param memory what all large messages of users together may take
     * @param listener is told of each call
     */
    public SpotHandler(
            DataLog log,
            Users users,
            Robot robot,
            Clock clock,
            boolean keepCalls,
            MemoryBudget memory,
            CallListener listener) {
        calls = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory());
        services = new SpotServices(log, users, robot, clock, keepCalls);
        CallTracers tracers = new CallTracers(services.methods(), clock, listener);
        ofUsers = adapter(services.ofUsers(), LARGEST_MESSAGE, tracers);
        ofStrangers = adapter(services.ofStrangers(), LARGEST_OF_STRANGERS, tracers);
        ServletContextHandler context = new ServletContextHandler();
        for (ServerServiceDefinition service : services.ofUsers()) {
            add(context, ofUsers, "/" + service.getServiceDescriptor().getName() + "/*");
        }
        add(context, ofStrangers, "/*"); // It names those services that there are not, too.
        setHandler(new LargeMessages(memory, users, clock, context));
    }

    private ServletAdapter adapter(
            List<ServerServiceDefinition> some, int largestMessage, CallTracers tracers) {
        ServletServerBuilder builder = new ServletServerBuilder();
        builder.maxInboundMessageSize(largestMessage).executor(calls);
        builder.addStreamTracerFactory(tracers);
        some.forEach(builder::addService);
        return builder.buildServletAdapter();
    }

    private static void add(ServletContextHandler context, ServletAdapter adapter, String paths) {
        ServletHolder servlet = new ServletHolder(new Grpc(adapter));
        servlet.setAsyncSupported(true);
        context.addServlet(servlet, paths);
    }

    /** Gives each POST to gRPC. */
    private static final class Grpc extends HttpServlet {
        private static final long serialVersionUID = 1;

        private final transient ServletAdapter adapter;

        Grpc(ServletAdapter adapter) {
            this.adapter = adapter;
        }

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            adapter.doPost(request, response);
        }
    }

    @Override
    protected void doStop() throws Exception {
        try {
            super.doStop();
        } finally {
            ofUsers.destroy();
            ofStrangers.destroy();
            calls.shutdown();
            services.close();
        }
    }
}
