package dev.forebay.run.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.run.Parameter;
import dev.forebay.run.Program;
import dev.forebay.run.RunOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What an engine is asked for; that it does so is a matter of {@link ContainersTest}. */
class ContainerPlanTest {
    private static final Path PIPES = Path.of("/data/runs/7/pipes");

    private static final OciSettings SETTINGS =
            OciSettings.of(Path.of("/run/engine.sock"), Path.of("/data/runs"));

    private static JsonNode plan(OciSettings settings, Program program) {
        RunOrder order = RunOrder.of(7, program, Map.of("in", "1"), Duration.ofHours(1));
        Map<String, String> pipes = Map.of("in", ContainerPlan.inside(PIPES + "/in.pipe"));
        return new ContainerPlan(settings, "server").of(order, program.resolve(pipes), PIPES);
    }

    private static Program program() {
        return Images.program("image", "cat $(IN_PIPE)", Parameter.input("in"));
    }

    @Test
    void containerHasNoCapabilityAndCannotGainOne() {
        JsonNode host = plan(SETTINGS, program()).path("HostConfig");
        assertThat(host.path("CapDrop").toString()).isEqualTo("[\"ALL\"]");
        assertThat(host.path("SecurityOpt").toString()).isEqualTo("[\"no-new-privileges\"]");
        assertThat(host.path("Privileged").asBoolean(true)).isFalse();
        assertThat(host.path("ReadonlyRootfs").asBoolean(false)).isTrue();
        assertThat(plan(SETTINGS, program()).path("User").asString()).isEqualTo("65534:65534");
    }

    @Test
    void containerHasNoNetworkUnlessOneIsNamed() {
        assertThat(plan(SETTINGS, program()).at("/HostConfig/NetworkMode").asString())
                .isEqualTo("none");
        assertThat(
                        plan(SETTINGS.withNetwork("lab"), program())
                                .at("/HostConfig/NetworkMode")
                                .asString())
                .isEqualTo("lab");
    }

    @Test
    void containerSeesItsPipesAndNothingElseOfTheMachine() {
        JsonNode container = plan(SETTINGS, program());
        assertThat(container.at("/HostConfig/Mounts").toString())
                .isEqualTo(
                        "[{\"Type\":\"bind\",\"Source\":\"/data/runs/7/pipes\",\"Target\":\"/run/forebay\",\"ReadOnly\":true}]");
        assertThat(container.path("Env").toString())
                .isEqualTo("[\"IN_PIPE=/run/forebay/in.pipe\"]");
        assertThat(container.path("Entrypoint").toString())
                .isEqualTo("[\"sh\",\"-c\",\"cat /run/forebay/in.pipe\"]");
    }

    @Test
    void everyContainerHasBounds() {
        JsonNode host = plan(SETTINGS, program()).path("HostConfig");
        assertThat(host.path("Memory").asLong()).isEqualTo(2L << 30);
        assertThat(host.path("MemorySwap").asLong()).isEqualTo(2L << 30);
        assertThat(host.path("PidsLimit").asInt()).isEqualTo(512);
        assertThat(host.at("/LogConfig/Config/max-size").asString())
                .isEqualTo(Long.toString(192L << 20));
    }

    @Test
    void userIsANumber() {
        assertThatThrownBy(() -> SETTINGS.withUser("root"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65534:65534")
                .hasMessageContaining("root");
    }
}
