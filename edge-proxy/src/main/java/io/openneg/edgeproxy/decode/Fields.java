package io.openneg.edgeproxy.decode;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.openneg.edgeproxy.config.IpPort;

/** Readers of values that several resources have, each with the rule it checks. */
final class Fields {

  private Fields() {}

  static String required(String value, String path) {
    if (value.isEmpty()) {
      throw new InvalidField(path, "must not be empty");
    }
    return value;
  }

  /** A TCP address with an IP literal and a port. */
  static IpPort address(Address address) {
    if (!address.hasSocketAddress()) {
      throw new InvalidField("socket_address", "must be set");
    }
    SocketAddress socket = address.getSocketAddress();
    if (socket.getProtocol() != SocketAddress.Protocol.TCP) {
      throw new InvalidField("socket_address.protocol", "must be TCP");
    }
    int port = socket.getPortValue();
    if (port < 1 || port > 65535) {
      throw new InvalidField("socket_address.port_value", "must be 1..65535, is " + port);
    }
    try {
      return IpPort.of(socket.getAddress(), port);
    } catch (IllegalArgumentException e) {
      throw new InvalidField("socket_address.address", String.valueOf(e.getMessage()));
    }
  }

  /** Not negative. */
  static java.time.Duration duration(Duration value, String path) {
    java.time.Duration duration =
        java.time.Duration.ofSeconds(value.getSeconds(), value.getNanos());
    if (duration.isNegative()) {
      throw new InvalidField(path, "must not be negative");
    }
    return duration;
  }

  /** A field that Envoy would act on unless it is zero. */
  static void mustBeZero(Duration value, String path) {
    if (!duration(value, path).isZero()) {
      throw new InvalidField(path, "not supported by this proxy, must be 0s");
    }
  }

  /**
   * That a resource is to be had from ADS.
   *
   * @return how long it is waited for
   */
  static java.time.Duration fromAds(ConfigSource source, String path) {
    if (!source.hasAds()) {
      throw new InvalidField(path, "must be \"ads\"");
    }
    return source.hasInitialFetchTimeout()
        ? duration(source.getInitialFetchTimeout(), path + ".initial_fetch_timeout")
        : java.time.Duration.ofSeconds(15);
  }

  static String text(DataSource source, String path) {
    return switch (source.getSpecifierCase()) {
      case INLINE_STRING -> source.getInlineString();
      case INLINE_BYTES -> source.getInlineBytes().toStringUtf8();
      case SPECIFIER_NOT_SET -> "";
      case FILENAME, ENVIRONMENT_VARIABLE ->
          throw new InvalidField(path, "must be inline_string or inline_bytes");
    };
  }

  /** The message within an extension's configuration, checked like the resource itself. */
  static <M extends Message> M unpack(Any any, Class<M> type, String path) {
    if (!any.is(type)) {
      throw new InvalidField(path, "\"" + any.getTypeUrl() + "\" is not supported by this proxy");
    }
    try {
      M message = any.unpack(type);
      FieldCheck.check(message);
      return message;
    } catch (InvalidField e) {
      throw e.within(path);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidField(path, "cannot be parsed: " + e.getMessage());
    }
  }
}
