package dev.forebay.wire.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.wire.Json;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run as JSON; its codespec is a text or an object. */
class RunBodyTest {
    private static RunBody read(String json) {
        return Json.read(json.replace('\'', '"').getBytes(UTF_8), RunBody.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'job':{'codespec':'x/versions/2','buffers':{'in':'abc'}}}",
                "{'job':{'codespec':{'kind':'job','image':'i','args':['a']}}}",
                "{'id':12,'status':'Running','job':{'codespec':'x','bufferTtl':'00:05:00'},'worker':{'codespec':{'kind':'worker','image':'i'},'replicas':2},'timeoutSeconds':60,'tags':{'a':'b'},'bufferAccessTtl':'01:00:00'}"
            })
    void whatIsReadIsWrittenTheSame(String json) {
        assertThat(new String(Json.write(read(json)), UTF_8).replace('"', '\'')).isEqualTo(json);
    }

    @Test
    void whatTheReferencesClientSendsIsTaken() {
        RunBody run =
                read("{'createdAt':'0001-01-01T00:00:00Z','job':{'codespec':'x','buffers':{}}}");
        JobBody job = Objects.requireNonNull(run.job());
        assertThat(job.codespec()).isEqualTo(CodespecReference.to("x"));
        assertThat(job.buffers()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'job':{'codespec':1}} | Path: $.job.codespec.",
                "{'job':{'codespec':['x']}} | Path: $.job.codespec.",
                "{'job':{'codespec':{'colour':1}}} | Unrecognized property 'colour'",
                "{'job':{'codespec':{'kind':'job','Kind':'job'}}} | Path: $.job.codespec.Kind.",
                "{'job':{'codespec':{'buffers':{'inputs':[],'Inputs':[]}}}} | Duplicate",
                "{'worker':{'buffers':{}}} | Unrecognized property 'buffers'",
                "{'job':{'bufferTtl':'soon'}} | Path: $.job.bufferTtl.",
                "{'timeoutSeconds':1.5} | Path: $.timeoutSeconds.",
                "{'colour':1} | Unrecognized property 'colour'"
            })
    void whatIsWrongIsRefusedWithItsPath(String json, String said) {
        assertThatThrownBy(() -> read(json)).hasMessageContaining(said);
    }
}
