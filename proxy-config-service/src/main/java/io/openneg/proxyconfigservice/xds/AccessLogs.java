package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.AndFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ExtensionFilter;
import io.envoyproxy.envoy.config.accesslog.v3.RuntimeFilter;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.envoyproxy.envoy.type.v3.FractionalPercent.DenominatorType;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.LogConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A backend service's {@code log_config} → AccessLog. Proxies log by listener, so a listener has
 * one for each logged service that its requests may go to; where no service is reached, nothing is
 * logged.
 */
final class AccessLogs {
  private static final int MILLION = 1_000_000;

  /** Columns of a line, with Envoy's command operators. */
  private static final Map<String, String> OF_CONNECTIONS =
      new TreeMap<>(
          Map.of(
              "time", "%START_TIME%",
              "client", "%DOWNSTREAM_REMOTE_ADDRESS%",
              "endpoint", "%UPSTREAM_HOST%",
              "flags", "%RESPONSE_FLAGS%",
              "bytes_received", "%BYTES_RECEIVED%",
              "bytes_sent", "%BYTES_SENT%",
              "duration_ms", "%DURATION%"));

  private static final Map<String, String> OF_REQUESTS = new TreeMap<>(OF_CONNECTIONS);

  static {
    OF_REQUESTS.put("method", "%REQ(:METHOD)%");
    OF_REQUESTS.put("host", "%REQ(:AUTHORITY)%");
    OF_REQUESTS.put("path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%");
    OF_REQUESTS.put("status", "%RESPONSE_CODE%");
  }

  private AccessLogs() {}

  /** Of the connections that go to one service. */
  static List<AccessLog> ofConnections(BackendService service) {
    return isLogged(service)
        ? List.of(log(service, sampled(service.getLogConfig()), OF_CONNECTIONS))
        : List.of();
  }

  /** Of the requests that go to these services, in order of their names. */
  static List<AccessLog> ofRequests(Collection<BackendService> services) {
    Map<String, AccessLog> logs = new TreeMap<>();
    for (BackendService service : services) {
      if (isLogged(service)) {
        List<AccessLogFilter> filters = new ArrayList<>(List.of(isFor(service)));
        sampled(service.getLogConfig()).ifPresent(filters::add);
        AccessLogFilter filter =
            filters.size() == 1
                ? filters.getFirst()
                : AccessLogFilter.newBuilder()
                    .setAndFilter(AndFilter.newBuilder().addAllFilters(filters))
                    .build();
        logs.put(service.getName(), log(service, Optional.of(filter), OF_REQUESTS));
      }
    }
    return List.copyOf(logs.values());
  }

  private static boolean isLogged(BackendService service) {
    return service.getLogConfig().getEnable() && millionths(service.getLogConfig()) > 0;
  }

  private static int millionths(LogConfig config) {
    return config.hasSampleRate() ? Math.round(config.getSampleRate() * MILLION) : MILLION;
  }

  /** CEL; no name of a service has a character that would need an escape. */
  private static AccessLogFilter isFor(BackendService service) {
    return AccessLogFilter.newBuilder()
        .setExtensionFilter(
            ExtensionFilter.newBuilder()
                .setName("envoy.access_loggers.extension_filters.cel")
                .setTypedConfig(
                    Packed.any(
                        ExpressionFilter.newBuilder()
                            .setExpression(
                                "xds.cluster_name == \"%s\"".formatted(service.getName()))
                            .build())))
        .build();
  }

  private static Optional<AccessLogFilter> sampled(LogConfig config) {
    int millionths = millionths(config);
    return millionths == MILLION
        ? Optional.empty()
        : Optional.of(
            AccessLogFilter.newBuilder()
                .setRuntimeFilter(
                    RuntimeFilter.newBuilder()
                        .setRuntimeKey("openneg.access_log")
                        .setPercentSampled(
                            FractionalPercent.newBuilder()
                                .setNumerator(millionths)
                                .setDenominator(DenominatorType.MILLION))
                        .setUseIndependentRandomness(true))
                .build());
  }

  private static AccessLog log(
      BackendService service, Optional<AccessLogFilter> filter, Map<String, String> columns) {
    Struct.Builder json = Struct.newBuilder();
    columns.forEach((name, value) -> json.putFields(name, text(value)));
    json.putFields("backend_service", text(service.getName()));
    AccessLog.Builder log =
        AccessLog.newBuilder()
            .setName("envoy.access_loggers.stdout")
            .setTypedConfig(
                Packed.any(
                    StdoutAccessLog.newBuilder()
                        .setLogFormat(SubstitutionFormatString.newBuilder().setJsonFormat(json))
                        .build()));
    filter.ifPresent(log::setFilter);
    return log.build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
