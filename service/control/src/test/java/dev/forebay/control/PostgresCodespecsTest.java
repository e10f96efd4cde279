package dev.forebay.control;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same codespecs on a real PostgreSQL. */
class PostgresCodespecsTest extends CodespecsTest {
    @RegisterExtension static final Postgres POSTGRES = new Postgres();

    @Override
    Database openDatabase() throws IOException {
        return POSTGRES.open();
    }
}
