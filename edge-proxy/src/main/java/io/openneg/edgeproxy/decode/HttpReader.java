package io.openneg.edgeproxy.decode;

import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper;
import io.openneg.edgeproxy.config.HttpOptions;
import io.openneg.edgeproxy.config.HttpOptions.ServerHeader;
import io.openneg.edgeproxy.config.ListenerConfig.Routes;
import io.openneg.edgeproxy.config.LocalReplies;
import io.openneg.edgeproxy.routing.RouteTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads an HttpConnectionManager. Absent fields have Envoy's defaults. */
final class HttpReader {

  private static final String DEFAULT_SERVER_NAME = "openneg-edge-proxy";

  private HttpReader() {}

  static Routes routes(HttpConnectionManager http, String path) {
    return switch (http.getRouteSpecifierCase()) {
      case RDS -> {
        var _ = Fields.fromAds(http.getRds().getConfigSource(), path + ".rds.config_source");
        yield new Routes.Named(
            Fields.required(http.getRds().getRouteConfigName(), path + ".rds.route_config_name"));
      }
      case ROUTE_CONFIG -> new Routes.Inline(inline(http, path + ".route_config"));
      case SCOPED_ROUTES, ROUTESPECIFIER_NOT_SET ->
          throw new InvalidField(path, "must have rds or route_config");
    };
  }

  private static RouteTable inline(HttpConnectionManager http, String path) {
    try {
      return RouteReader.read(http.getRouteConfig());
    } catch (InvalidField e) {
      throw e.within(path);
    }
  }

  static HttpOptions options(HttpConnectionManager http, String path) {
    checkCodec(http.getCodecType(), path + ".codec_type");
    checkFilters(http, path + ".http_filters");
    Fields.mustBeZero(http.getRequestTimeout(), path + ".request_timeout");
    Fields.mustBeZero(http.getRequestHeadersTimeout(), path + ".request_headers_timeout");
    return new HttpOptions(
        serverHeader(http, path),
        http.getServerName().isEmpty() ? DEFAULT_SERVER_NAME : http.getServerName(),
        http.getUseRemoteAddress().getValue(),
        http.getSkipXffAppend(),
        !http.hasGenerateRequestId() || http.getGenerateRequestId().getValue(),
        http.getHttpProtocolOptions().getAcceptHttp10(),
        http.getCommonHttpProtocolOptions().hasIdleTimeout()
            ? Fields.duration(
                http.getCommonHttpProtocolOptions().getIdleTimeout(),
                path + ".common_http_protocol_options.idle_timeout")
            : Duration.ofHours(1),
        http.hasStreamIdleTimeout()
            ? Fields.duration(http.getStreamIdleTimeout(), path + ".stream_idle_timeout")
            : Duration.ofMinutes(5),
        localReplies(http.getLocalReplyConfig(), path + ".local_reply_config"),
        AccessLogReader.read(http.getAccessLogList(), path + ".access_log"));
  }

  private static void checkCodec(CodecType codec, String path) {
    switch (codec) {
      case AUTO, HTTP1 -> {}
      case HTTP2, HTTP3, UNRECOGNIZED ->
          throw new InvalidField(path, "must be AUTO or HTTP1, is " + codec);
    }
  }

  private static void checkFilters(HttpConnectionManager http, String path) {
    if (http.getHttpFiltersCount() != 1) {
      throw new InvalidField(
          path, "must be exactly one, the router; are " + http.getHttpFiltersCount());
    }
    var _ =
        Fields.unpack(
            http.getHttpFilters(0).getTypedConfig(), Router.class, path + "[0].typed_config");
  }

  private static ServerHeader serverHeader(HttpConnectionManager http, String path) {
    return switch (http.getServerHeaderTransformation()) {
      case OVERWRITE -> ServerHeader.OVERWRITE;
      case APPEND_IF_ABSENT -> ServerHeader.APPEND_IF_ABSENT;
      case PASS_THROUGH -> ServerHeader.PASS_THROUGH;
      case UNRECOGNIZED ->
          throw new InvalidField(path + ".server_header_transformation", "unknown value");
    };
  }

  private static LocalReplies localReplies(LocalReplyConfig config, String path) {
    List<LocalReplies.Mapper> mappers = new ArrayList<>();
    for (int i = 0; i < config.getMappersCount(); i++) {
      ResponseMapper mapper = config.getMappers(i);
      String at = path + ".mappers[" + i + "]";
      if (!mapper.getFilter().hasResponseFlagFilter()) {
        throw new InvalidField(at + ".filter", "must be a response_flag_filter");
      }
      Integer status = mapper.hasStatusCode() ? mapper.getStatusCode().getValue() : null;
      if (status != null && (status < 200 || status > 599)) {
        throw new InvalidField(at + ".status_code", "must be 200..599, is " + status);
      }
      mappers.add(
          new LocalReplies.Mapper(
              Set.copyOf(mapper.getFilter().getResponseFlagFilter().getFlagsList()),
              status,
              mapper.hasBody() ? Fields.text(mapper.getBody(), at + ".body") : null));
    }
    return new LocalReplies(mappers);
  }
}
