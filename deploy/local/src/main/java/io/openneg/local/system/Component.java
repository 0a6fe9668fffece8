package io.openneg.local.system;

import java.util.Locale;

/** The processes the system consists of, in the order in which they may be started. */
public enum Component {
  POSTGRES("postgres", 15432, "PostgreSQL"),
  KAFKA("kafka", 19092, "Kafka"),
  NEG("neg-service", 8101, "gRPC"),
  BACKEND("backend-service", 8102, "gRPC"),
  HEALTH("health-service", 8103, "gRPC"),
  PROXY_CONFIG("proxy-config-service", 8104, "gRPC, xDS"),
  EDGE("edge-proxy", 9901, "admin HTTP");

  private final String label;
  private final int defaultPort;
  private final String speaks;

  Component(String label, int defaultPort, String speaks) {
    this.label = label;
    this.defaultPort = defaultPort;
    this.speaks = speaks;
  }

  /** The process's name for people, in log file names and as the name of its module. */
  public String label() {
    return label;
  }

  public int defaultPort() {
    return defaultPort;
  }

  /** What is spoken on its port. */
  public String speaks() {
    return speaks;
  }

  /** The environment variable with its port. */
  public String portVariable() {
    return "OPENNEG_" + name().toUpperCase(Locale.ROOT) + "_PORT";
  }

  /**
   * One of our own programs, a JVM; the others are PostgreSQL and Kafka, which must be there
   * before.
   */
  public boolean isOurs() {
    return this != POSTGRES && this != KAFKA;
  }

  /** The database it owns; only services have one. */
  public String database() {
    return switch (this) {
      case NEG -> "neg";
      case BACKEND -> "backend";
      case HEALTH -> "health";
      case PROXY_CONFIG -> "proxyconfig";
      case POSTGRES, KAFKA, EDGE -> throw new IllegalArgumentException(label + " has no database");
    };
  }

  public boolean isService() {
    return isOurs() && this != EDGE;
  }
}
