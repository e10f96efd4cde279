package dev.forebay.wire.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.wire.Json;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When two codespecs mean the same, and that what is empty counts as absent. */
class CodespecBodyTest {
    private static CodespecBody read(String json) {
        return Json.read(json.replace('\'', '"').getBytes(UTF_8), CodespecBody.class);
    }

    private static String written(CodespecBody codespec) {
        return new String(Json.write(codespec), UTF_8).replace('"', '\'');
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'name':'a','version':1,'createdAt':'2026-01-01T00:00:00Z'} | {'name':'b'}",
                "{'env':{'A':'1','B':'2'}} | {'env':{'B':'2','A':'1'}}",
                "{'endpoints':{'a':1,'b':2}} | {'endpoints':{'b':2,'a':1}}",
                "{'buffers':{'inputs':['a','b'],'outputs':['c','d']}} | {'buffers':{'inputs':['b','a'],'outputs':['d','c']}}",
                "{'resources':{'limits':{'cpu':1}}} | {'resources':{'limits':{'cpu':'1000m'}}}",
                "{'resources':{'gpu':'2'}} | {'resources':{'gpu':2.0,'requests':{}}}",
                "{'args':[],'command':[],'env':{},'resources':{},'buffers':{'inputs':[]},'sockets':[]} | {}",
                "{'workingDir':'','identity':''} | {}"
            })
    void contentIsTheSame(String one, String other) {
        assertThat(read(one).hasContentOf(read(other))).isTrue();
        assertThat(read(other).hasContentOf(read(one))).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'kind':'job'} | {'kind':'worker'}",
                "{'image':'a'} | {'image':'b'}",
                "{'command':['a','b']} | {'command':['b','a']}",
                "{'args':['a','b']} | {'args':['b','a']}",
                "{'args':['a']} | {'command':['a']}",
                "{'args':['']} | {}",
                "{'workingDir':'a'} | {}",
                "{'env':{'A':'1'}} | {'env':{'A':'2'}}",
                "{'env':{'A':'1'}} | {'env':{'a':'1'}}",
                "{'identity':'a'} | {}",
                "{'maxReplicas':1} | {'maxReplicas':2}",
                "{'maxReplicas':0} | {}",
                "{'resources':{'limits':{'cpu':1}}} | {'resources':{'requests':{'cpu':1}}}",
                "{'resources':{'gpu':1}} | {'resources':{'shm':1}}",
                "{'buffers':{'inputs':['a']}} | {'buffers':{'outputs':['a']}}",
                "{'buffers':{'inputs':['a','b']}} | {'buffers':{'inputs':['a']}}",
                "{'sockets':[{'port':1}]} | {'sockets':[{'port':2}]}",
                "{'endpoints':{'a':1}} | {'endpoints':{'a':2}}"
            })
    void contentDiffers(String one, String other) {
        assertThat(read(one).hasContentOf(read(other))).isFalse();
        assertThat(read(other).hasContentOf(read(one))).isFalse();
    }

    @Test
    void whatIsEmptyIsNotWritten() {
        String empty =
                "{'kind':'job','image':'','command':[],'env':{},'buffers':{'inputs':[]},"
                        + "'resources':{'limits':{},'requests':{'cpu':null}},'sockets':[]}";
        assertThat(written(read(empty))).isEqualTo("{'kind':'job'}");
    }

    @Test
    void aVersionIsTheContentWithItsNameNumberAndTime() {
        CodespecBody content = read("{'kind':'job','image':'i','args':['$(A)']}");
        CodespecBody version = content.as("x", 2, Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(written(version))
                .isEqualTo(
                        "{'kind':'job','name':'x','version':2,"
                                + "'createdAt':'2026-01-01T00:00:00.000000+00:00',"
                                + "'image':'i','args':['$(A)']}");
        assertThat(version.as(null, null, null)).isEqualTo(content);
    }
}
