package io.openneg.edgeproxy;

import io.openneg.edgeproxy.xds.AdsClient;
import io.openneg.edgeproxy.xds.NodeIdentity;
import java.util.Map;

/**
 * What this process must know before it can ask for its configuration.
 *
 * @param xdsServer the control plane
 * @param xdsProtocol in which variant of the protocol to talk to it
 * @param node who it is there
 * @param adminHost where the admin server listens
 * @param adminPort 0: any free one
 */
record Settings(
    AdsClient.Server xdsServer,
    AdsClient.Protocol xdsProtocol,
    NodeIdentity node,
    String adminHost,
    int adminPort) {

  /** A setting is missing or wrong; the message names it. */
  static final class Invalid extends Exception {
    private static final long serialVersionUID = 1L;

    Invalid(String setting, String rule) {
      super(setting + ": " + rule);
    }
  }

  /**
   * @param environment variables of the process
   */
  static Settings of(Map<String, String> environment) throws Invalid {
    String nodeId = environment.getOrDefault("OPENNEG_NODE_ID", "").strip();
    if (nodeId.isEmpty()) {
      throw new Invalid("OPENNEG_NODE_ID", "must be set, for example to edge-1");
    }
    return new Settings(
        server(environment.getOrDefault("OPENNEG_XDS_SERVER", "127.0.0.1:8104")),
        protocol(environment.getOrDefault("OPENNEG_XDS_PROTOCOL", "delta")),
        new NodeIdentity(
            nodeId,
            environment.getOrDefault("OPENNEG_NODE_REGION", "").strip(),
            environment.getOrDefault("OPENNEG_NODE_ZONE", "").strip()),
        environment.getOrDefault("OPENNEG_ADMIN_HOST", "127.0.0.1").strip(),
        port("OPENNEG_ADMIN_PORT", environment.getOrDefault("OPENNEG_ADMIN_PORT", "9901"), 0));
  }

  private static AdsClient.Server server(String text) throws Invalid {
    String value = text.strip();
    int colon = value.lastIndexOf(':');
    if (colon <= 0) {
      throw new Invalid("OPENNEG_XDS_SERVER", "must be HOST:PORT, is \"" + value + "\"");
    }
    return new AdsClient.Server(
        value.substring(0, colon), port("OPENNEG_XDS_SERVER", value.substring(colon + 1), 1));
  }

  private static AdsClient.Protocol protocol(String text) throws Invalid {
    return switch (text.strip()) {
      case "delta" -> AdsClient.Protocol.DELTA;
      case "state-of-the-world" -> AdsClient.Protocol.STATE_OF_THE_WORLD;
      default ->
          throw new Invalid(
              "OPENNEG_XDS_PROTOCOL",
              "must be delta or state-of-the-world, is \"" + text.strip() + "\"");
    };
  }

  private static int port(String setting, String text, int min) throws Invalid {
    try {
      int port = Integer.parseInt(text.strip());
      if (port >= min && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new Invalid(setting, "the port must be a number, is \"" + text + "\"");
    }
    throw new Invalid(setting, "the port must be %d..65535, is %s".formatted(min, text));
  }
}
