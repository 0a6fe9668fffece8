package io.openneg.edgeproxy.decode;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.RuntimeFilter;
import io.envoyproxy.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.openneg.edgeproxy.config.AccessLog;
import io.openneg.edgeproxy.config.AccessLog.Column;
import io.openneg.edgeproxy.config.AccessLog.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads access logs: JSON to the standard output, for all or a share of what is for one cluster. A
 * cluster is said as an expression of this one form: {@code xds.cluster_name == "…"}.
 */
final class AccessLogReader {
  private static final Pattern OF_CLUSTER =
      Pattern.compile("xds\\.cluster_name == \"([^\"\\\\]+)\"");
  private static final int MILLION = 1_000_000;

  private AccessLogReader() {}

  static List<AccessLog> read(
      List<io.envoyproxy.envoy.config.accesslog.v3.AccessLog> logs, String path) {
    List<AccessLog> result = new ArrayList<>();
    for (int i = 0; i < logs.size(); i++) {
      var log = logs.get(i);
      String at = path + "[" + i + "]";
      result.add(
          new AccessLog(
              cluster(log.getFilter(), at + ".filter"),
              millionths(log.getFilter(), at + ".filter"),
              columns(log.getTypedConfig(), at + ".typed_config")));
    }
    return List.copyOf(result);
  }

  /** One filter, or several that must all let it through. */
  private static List<AccessLogFilter> parts(AccessLogFilter filter, String path) {
    return switch (filter.getFilterSpecifierCase()) {
      case AND_FILTER -> filter.getAndFilter().getFiltersList();
      case EXTENSION_FILTER, RUNTIME_FILTER -> List.of(filter);
      case FILTERSPECIFIER_NOT_SET -> List.of();
      default ->
          throw new InvalidField(path, "must be an and_filter, extension_filter or runtime_filter");
    };
  }

  private static @Nullable String cluster(AccessLogFilter filter, String path) {
    String cluster = null;
    for (AccessLogFilter part : parts(filter, path)) {
      if (part.hasExtensionFilter()) {
        Any config = part.getExtensionFilter().getTypedConfig();
        String expression = Fields.unpack(config, ExpressionFilter.class, path).getExpression();
        Matcher matcher = OF_CLUSTER.matcher(expression);
        if (!matcher.matches() || cluster != null) {
          throw new InvalidField(path, "must be xds.cluster_name == \"…\", once; is " + expression);
        }
        cluster = matcher.group(1);
      } else if (!part.hasRuntimeFilter()) {
        throw new InvalidField(path, "must consist of an extension_filter and a runtime_filter");
      }
    }
    return cluster;
  }

  private static int millionths(AccessLogFilter filter, String path) {
    long millionths = MILLION;
    for (AccessLogFilter part : parts(filter, path)) {
      if (part.hasRuntimeFilter()) {
        RuntimeFilter runtime = part.getRuntimeFilter();
        FractionalPercent share = runtime.getPercentSampled();
        millionths =
            Math.min(
                millionths,
                switch (share.getDenominator()) {
                  case HUNDRED -> share.getNumerator() * 10_000L;
                  case TEN_THOUSAND -> share.getNumerator() * 100L;
                  case MILLION -> share.getNumerator();
                  case UNRECOGNIZED ->
                      throw new InvalidField(path + ".percent_sampled", "unknown denominator");
                });
      }
    }
    return (int) millionths;
  }

  private static List<Column> columns(Any config, String path) {
    StdoutAccessLog log = Fields.unpack(config, StdoutAccessLog.class, path);
    if (!log.hasLogFormat() || !log.getLogFormat().hasJsonFormat()) {
      throw new InvalidField(path + ".log_format", "must be a json_format");
    }
    Struct format = log.getLogFormat().getJsonFormat();
    List<Column> columns = new ArrayList<>();
    new TreeMap<>(format.getFieldsMap())
        .forEach(
            (name, value) ->
                columns.add(column(name, value, path + ".log_format.json_format." + name)));
    return columns;
  }

  private static Column column(String name, Value value, String path) {
    if (!value.hasStringValue()) {
      throw new InvalidField(path, "must be a string");
    }
    String text = value.getStringValue();
    Operator operator = Operator.of(text).orElse(null);
    if (operator == null && text.contains("%")) {
      throw new InvalidField(path, "must be text or one operator that is known, is " + text);
    }
    return new Column(name, text, operator);
  }
}
