package io.openneg.proxyconfigservice.xds;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.attached;
import static io.openneg.proxyconfigservice.Fixtures.forwardingRule;
import static io.openneg.proxyconfigservice.Fixtures.httpProxy;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.next;
import static io.openneg.proxyconfigservice.Fixtures.proxy;
import static io.openneg.proxyconfigservice.Fixtures.rule;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.table;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.HostRule;
import io.openneg.backend.v1.HttpHeaderAction;
import io.openneg.backend.v1.HttpHeaderOption;
import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.HttpRouteRule;
import io.openneg.backend.v1.HttpRouteRuleMatch;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.WeightedBackendService;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RowChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A part that proxies would refuse costs that part, and no other. */
class BadPartsTest {
  private static final String GOOD = "/good";
  private static final List<String> TEXTS =
      List.of(
          "", "a", "/a", "*", "(", "a\nb", "/{x", "{y}", "%", "\0", " ", "99999", "x".repeat(300));
  private static final int CASES = 3_000;

  @Test
  void whateverIsInTheTableAllThatIsServedKeepsEnvoysRulesAndTheRestStaysAsItIs()
      throws InvalidProtocolBufferException {
    RoutingTable good = table(web(80, address(1)));
    XdsSnapshot alone = Translator.translate(good);
    int dropped = 0;
    int served = 0;
    for (int seed = 0; seed < CASES; seed++) {
      Garbage garbage = new Garbage(new Random(seed));
      XdsSnapshot snapshot = Translator.translate(next(good, garbage.rows()));

      List<String> violations = new ArrayList<>();
      for (Collection<XdsResource> resources : GoldenTest.resources(snapshot).values()) {
        for (XdsResource resource : resources) {
          violations.addAll(
              EnvoyConstraints.violations(GoldenTest.message(resource), GoldenTest.TYPES));
        }
      }
      assertThat(violations).as("seed " + seed).isEmpty();
      assertThat(snapshot.clusters().get(service("web")))
          .isEqualTo(alone.clusters().get(service("web")));
      assertThat(snapshot.routes().get(urlMap("web"))).isEqualTo(alone.routes().get(urlMap("web")));
      assertThat(snapshot.socketListeners().get("web"))
          .isEqualTo(alone.socketListeners().get("web"));
      dropped += snapshot.dropped().size() + snapshot.droppedRules().size();
      served += snapshot.routes().get(urlMap("bad")) == null ? 0 : 1;
    }
    assertThat(dropped).as("parts with a reason").isGreaterThan(CASES);
    assertThat(served).as("maps that are served all the same").isGreaterThan(CASES / 2);
  }

  @Test
  void aRouteWhoseActionCannotBeSaidAnswers500AndTheOthersStay()
      throws InvalidProtocolBufferException {
    RoutingTable table =
        next(
            table(web(80, address(1))),
            urlMap(
                mapOf(
                    HttpRouteRule.newBuilder()
                        .setPriority(1)
                        .addMatchRules(HttpRouteRuleMatch.newBuilder().setPrefixMatch("/bad"))
                        .setRouteAction(
                            HttpRouteAction.newBuilder()
                                .addWeightedBackendServices(
                                    WeightedBackendService.newBuilder()
                                        .setBackendService(service("web"))))
                        .build())));
    XdsSnapshot snapshot = Translator.translate(table);
    List<Route> routes = routes(snapshot);
    assertThat(routes.getFirst().getDirectResponse().getStatus()).isEqualTo(500);
    assertThat(routes.getFirst().getMatch().getPrefix()).isEqualTo("/bad");
    assertThat(routes.get(1).getMatch().getPath()).isEqualTo(GOOD);
    assertThat(routes.get(1).getRoute().getCluster()).isEqualTo(service("web"));
    assertThat(snapshot.dropped().get(urlMap("web")))
        .containsExactly(
            "route rule of priority 1 answers 500: weights must be 1 to 4294967295 together, are 0");
  }

  @Test
  void aMatchThatCannotBeSaidAndAHeaderThatIsNoneAreLeftOutAlone()
      throws InvalidProtocolBufferException {
    UrlMap map =
        mapOf(
            HttpRouteRule.newBuilder()
                .setPriority(1)
                .addMatchRules(HttpRouteRuleMatch.newBuilder().setRegexMatch("("))
                .addMatchRules(HttpRouteRuleMatch.newBuilder().setPrefixMatch("/fine"))
                .setService(service("web"))
                .setHeaderAction(
                    HttpHeaderAction.newBuilder()
                        .addRequestHeadersToAdd(
                            HttpHeaderOption.newBuilder().setHeaderName("x y").setHeaderValue("1"))
                        .addRequestHeadersToAdd(
                            HttpHeaderOption.newBuilder().setHeaderName("x-y").setHeaderValue("1")))
                .build());
    XdsSnapshot snapshot = Translator.translate(next(table(web(80, address(1))), urlMap(map)));
    List<Route> routes = routes(snapshot);
    assertThat(routes.getFirst().getMatch().getPrefix()).isEqualTo("/fine");
    assertThat(routes.getFirst().getRequestHeadersToAddList())
        .extracting(option -> option.getHeader().getKey())
        .containsExactly("x-y");
    assertThat(snapshot.dropped().get(urlMap("web")))
        .containsExactly(
            "route rule of priority 1 is left out: '(' is no RE2 expression",
            "header 'x y': its name or value is none");
  }

  @Test
  void anAddressThatIsNoneDoesNotTakeTheOtherEndpointsWithIt() {
    EndpointAddress bad = new EndpointAddress("10.0.0", 80);
    XdsSnapshot snapshot =
        Translator.translate(next(table(web(80, address(1))), attached(neg("n"), bad)));
    XdsResource assignment =
        requireNonNull(requireNonNull(snapshot.endpoints().get(service("web"))).get(""));
    assertThat(assignment.body().toString()).contains("10.0.0.1");
    assertThat(snapshot.dropped().get(service("web")))
        .containsExactly(
            "endpoint '10.0.0:80' of group '%s' is not an IPv4 address with a port"
                .formatted(neg("n")));
  }

  /** A map with this rule and one that is good, in this order. */
  private static UrlMap mapOf(HttpRouteRule first) {
    return UrlMap.newBuilder()
        .setName(urlMap("web"))
        .setDefaultService(service("web"))
        .addHostRules(HostRule.newBuilder().addHosts("*").setPathMatcher("m"))
        .addPathMatchers(
            PathMatcher.newBuilder()
                .setName("m")
                .setDefaultService(service("web"))
                .addRouteRules(first)
                .addRouteRules(
                    HttpRouteRule.newBuilder()
                        .setPriority(2)
                        .addMatchRules(HttpRouteRuleMatch.newBuilder().setFullPathMatch(GOOD))
                        .setService(service("web"))))
        .build();
  }

  private static List<Route> routes(XdsSnapshot snapshot) throws InvalidProtocolBufferException {
    return requireNonNull(snapshot.routes().get(urlMap("web")))
        .body()
        .unpack(RouteConfiguration.class)
        .getVirtualHosts(0)
        .getRoutesList();
  }

  /** Messages with anything in any of their fields. */
  private record Garbage(Random random) {
    RowChange[] rows() {
      return new RowChange[] {
        urlMap(
            ((UrlMap) filled(UrlMap.newBuilder(), 0)).toBuilder().setName(urlMap("bad")).build()),
        service(
            ((BackendService) filled(BackendService.newBuilder(), 0))
                .toBuilder()
                    .setName(service("bad"))
                    .addAllBackends(httpService(service("x"), neg("n")).getBackendsList())),
        proxy(httpProxy(proxy("bad"), urlMap("bad"))),
        rule(
            ((ForwardingRule) filled(ForwardingRule.newBuilder(), 0))
                .toBuilder()
                    .setName(rule("bad"))
                    .setTarget(proxy("bad"))
                    .setPortRange(
                        random.nextInt(3) == 0 ? TEXTS.get(random.nextInt(TEXTS.size())) : "8080")
                    .build()),
        attached(
            neg("n"),
            new EndpointAddress(
                "10.0.0.1" + TEXTS.get(random.nextInt(TEXTS.size())), random.nextInt())),
        rule(forwardingRule(rule("bad2"), proxy("bad"), random.nextInt(100_000)))
      };
    }

    private Message filled(Message.Builder builder, int depth) {
      for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
        if (random.nextInt(3) > 0 && depth < 7) {
          if (field.isRepeated()) {
            for (int i = random.nextInt(3); i > 0; i--) {
              builder.addRepeatedField(field, value(builder, field, depth));
            }
          } else {
            builder.setField(field, value(builder, field, depth));
          }
        }
      }
      return builder.build();
    }

    private Object value(Message.Builder parent, FieldDescriptor field, int depth) {
      return switch (field.getJavaType()) {
        case STRING ->
            field.getName().endsWith("path_matcher") || field.getName().equals("name")
                ? "m" + random.nextInt(2)
                : TEXTS.get(random.nextInt(TEXTS.size()));
        case INT -> random.nextBoolean() ? random.nextInt() : random.nextInt(3);
        case LONG -> random.nextBoolean() ? random.nextLong() : random.nextInt(3);
        case DOUBLE -> random.nextBoolean() ? -random.nextDouble() : 100 * random.nextDouble();
        case FLOAT -> random.nextFloat();
        case BOOLEAN -> random.nextBoolean();
        case ENUM ->
            field
                .getEnumType()
                .getValues()
                .get(random.nextInt(field.getEnumType().getValues().size()));
        case BYTE_STRING -> ByteString.EMPTY;
        case MESSAGE -> filled(parent.newBuilderForField(field), depth + 1);
      };
    }
  }
}
