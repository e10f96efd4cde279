package dev.forebay.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a server, one line each, on standard error: warnings and worse unless told otherwise.
 * What clients do wrong is left out, since any client could fill it. Of libraries there are never
 * more than warnings, because their details hold whole URLs, and so signatures.
 */
final class Logging {
    /** Loggers that warn of malformed requests, and quote them. */
    private static final List<String> ABOUT_CLIENTS =
            List.of("org.eclipse.jetty.http.HttpParser", "org.eclipse.jetty.util.HostPort");

    /** The logger of requests. */
    static final String ACCESS = "access";

    private static final String OURS = "dev.forebay";

    private Logging() {}

    /** Begins to log as {@code settings} say. */
    static void toStandardError(ServerLog settings) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return; // The program around the server has a log of its own.
        }
        context.reset();
        Encoder<ILoggingEvent> lines = settings.json() ? json() : text();
        lines.setContext(context);
        lines.start();
        ConsoleAppender<ILoggingEvent> out = new ConsoleAppender<>();
        out.setContext(context);
        out.setTarget("System.err");
        out.setEncoder(lines);
        out.start();
        Level level = Level.toLevel(settings.level().getName().replace("WARNING", "WARN"));
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
        root.addAppender(out);
        context.getLogger(OURS).setLevel(level);
        ABOUT_CLIENTS.forEach(name -> context.getLogger(name).setLevel(Level.ERROR));
        context.getLogger(ACCESS).setLevel(settings.requests() ? Level.INFO : Level.OFF);
    }

    private static Encoder<ILoggingEvent> text() {
        PatternLayoutEncoder lines = new PatternLayoutEncoder();
        lines.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSZZZZZ} %-5level %logger{0}: %msg%n");
        return lines;
    }

    private static Encoder<ILoggingEvent> json() {
        JsonEncoder lines = new JsonEncoder();
        lines.setWithSequenceNumber(false);
        lines.setWithNanoseconds(false);
        lines.setWithThreadName(false);
        lines.setWithContext(false);
        lines.setWithMarkers(false);
        lines.setWithMDC(false);
        lines.setWithKVPList(false);
        lines.setWithArguments(false);
        lines.setWithMessage(false);
        lines.setWithFormattedMessage(true);
        return lines;
    }
}
