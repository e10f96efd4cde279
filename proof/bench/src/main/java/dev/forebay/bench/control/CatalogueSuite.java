package dev.forebay.bench.control;

import dev.forebay.bench.Suite;

/** The catalogue's rows: {@code --forebay=SCRIPT} names the build. */
public final class CatalogueSuite {
    private CatalogueSuite() {}

    public static void main(String[] arguments) throws Exception {
        new Suite().rowAlone("million", new MillionRow()).main(arguments);
    }
}
