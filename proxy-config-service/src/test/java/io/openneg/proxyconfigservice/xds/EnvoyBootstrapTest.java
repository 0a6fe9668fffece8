package io.openneg.proxyconfigservice.xds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

class EnvoyBootstrapTest {
  private static final TypeRegistry TYPES =
      TypeRegistry.newBuilder().add(HttpProtocolOptions.getDescriptor()).build();

  @Test
  void theBootstrapThatUsersAreGivenIsOneToEnvoy() throws Exception {
    Bootstrap bootstrap = read(Path.of("..", "deploy", "dataplane", "envoy.yaml"));
    assertThat(EnvoyConstraints.violations(bootstrap, TYPES)).isEmpty();
    assertThat(bootstrap.getNode().getId()).isNotEmpty();
    String server =
        bootstrap
            .getDynamicResources()
            .getAdsConfig()
            .getGrpcServices(0)
            .getEnvoyGrpc()
            .getClusterName();
    assertThat(bootstrap.getStaticResources().getClustersList())
        .anyMatch(cluster -> cluster.getName().equals(server));
    assertThat(bootstrap.getDynamicResources().getCdsConfig()).isEqualTo(ConfigSources.ADS);
    assertThat(bootstrap.getDynamicResources().getLdsConfig()).isEqualTo(ConfigSources.ADS);
  }

  /** A field that Envoy does not know is a fault of the file. */
  private static Bootstrap read(Path file) throws Exception {
    try (Reader yaml = Files.newBufferedReader(file)) {
      Map<String, Object> tree = new Yaml().load(yaml);
      Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
      JsonFormat.parser()
          .usingTypeRegistry(TYPES)
          .merge(new ObjectMapper().writeValueAsString(tree), bootstrap);
      return bootstrap.build();
    }
  }
}
