package dev.forebay.bench.runs;

import dev.forebay.bench.Suite;

/** What runs cost, and how fast they are found: {@code --forebay=SCRIPT} names the build. */
public final class RunSuite {
    private RunSuite() {}

    public static void main(String[] arguments) throws Exception {
        new Suite()
                .row("exec", new ExecRow())
                .row("queue", new QueueRow())
                .rowAlone("search", new SearchRow())
                .main(arguments);
    }
}
