package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.bddf.Pod;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the catalogue notes is read as it was written; broken bytes are refused in words. */
class NotesTest {
    private static final SignalSchema SCHEMA =
            new SignalSchema(
                    "a name\nwith \\ and time ",
                    List.of(
                            new SignalSchema.Variable(" time ", Pod.UINT64, true),
                            new SignalSchema.Variable("time x", Pod.FLOAT64, false),
                            new SignalSchema.Variable("\\n", Pod.INT8, false)));

    private static final List<CatalogueEntry> ALL =
            List.of(
                    new CatalogueEntry.Schema(77, SCHEMA),
                    new CatalogueEntry.Page(
                            new PageSummary(
                                    5,
                                    1234,
                                    true,
                                    false,
                                    List.of(
                                            new SeriesSummary(
                                                    new SeriesKey(Kind.BLOB, "c", "t", "ü"),
                                                    1,
                                                    2,
                                                    3,
                                                    new TimeRange(-4, 5)),
                                            new SeriesSummary(
                                                    SeriesKey.of(Kind.COMMENT, ""),
                                                    1,
                                                    0,
                                                    3,
                                                    TimeRange.ALL)),
                                    List.of(new TimeRange(1, 2)))),
                    new CatalogueEntry.Gone(9, Loss.DELETED),
                    new CatalogueEntry.Lost(10),
                    new CatalogueEntry.Refused(2, 11),
                    new CatalogueEntry.Totals(List.of(new CatalogueEntry.Total(Loss.EVICTED, 12))));

    @Test
    void noteIsReadAsItWasWritten() {
        for (CatalogueEntry entry : ALL) {
            assertThat(CatalogueEntry.decode(entry.encode())).isEqualTo(entry);
        }
    }

    @Test
    void brokenNoteIsRefusedInWordsAndTakesNoMemory() {
        Random random = new Random(2);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = ALL.get(random.nextInt(ALL.size())).encode();
            for (int i = random.nextInt(3); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            byte[] broken = Arrays.copyOf(bytes, random.nextInt(bytes.length) + 1);
            try {
                CatalogueEntry.decode(broken);
            } catch (DataLogException e) {
                assertThat(e.fault()).isEqualTo(DataLogException.Fault.DAMAGED);
            }
        }
    }

    @Test
    void schemaHasTheSameNumberForTheSameClientAndDefinitionOnly() {
        assertThat(SCHEMA.idFor("a")).isEqualTo(SCHEMA.idFor("a")).isPositive();
        assertThat(SCHEMA.idFor("a")).isNotEqualTo(SCHEMA.idFor("b"));
        SignalSchema other =
                new SignalSchema(
                        SCHEMA.name(), List.of(new SignalSchema.Variable("x", Pod.INT8, false)));
        assertThat(other.idFor("a")).isNotEqualTo(SCHEMA.idFor("a"));
    }

    @Test
    void schemaThatCannotBeReadBackIsRefused() {
        assertThatThrownBy(() -> new SignalSchema.Variable("t", Pod.FLOAT32, true))
                .hasMessageContaining("expected INT64");
        assertThatThrownBy(() -> new SignalSchema("s", List.of()))
                .hasMessageContaining("0 variables; expected 1 to 4096");
        SignalSchema.Variable x = new SignalSchema.Variable("x", Pod.INT8, false);
        assertThatThrownBy(() -> new SignalSchema("s", List.of(x, x)))
                .hasMessageContaining("two variables 'x'");
    }

    @Test
    void brokenMessageIsRefusedInWords() {
        Random random = new Random(3);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            List<Entry> entries =
                    List.of(
                            new Entry.Event(ByteBuffer.wrap(bytes)),
                            new Entry.Comment(ByteBuffer.wrap(bytes)),
                            new Entry.Text(ByteBuffer.wrap(bytes)));
            Preparation preparation = new Preparation(_ -> null, 5);
            int taken = preparation.prepare(entries).size();
            assertThat(taken + preparation.refusals().size()).isEqualTo(3);
            preparation.refusals().forEach(each -> assertThat(each.message()).isNotBlank());
        }
    }
}
