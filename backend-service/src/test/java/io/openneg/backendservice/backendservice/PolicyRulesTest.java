package io.openneg.backendservice.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BackendService.SessionAffinity;
import io.openneg.backend.v1.ConsistentHash;
import io.openneg.backend.v1.ConsistentHash.HttpCookie;
import io.openneg.backend.v1.LocalityLbPolicy;
import io.openneg.backend.v1.OutlierDetection;
import io.openneg.backend.v1.Protocol;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyRulesTest {
  private static final String AFFINITY = "backend_service.session_affinity";
  private static final String POLICY = "backend_service.locality_lb_policy";
  private static final String HASH = "backend_service.consistent_hash";
  private static final String TTL = "backend_service.affinity_cookie_ttl_sec";
  private static final String OUTLIERS = "backend_service.outlier_detection";
  private static final String REQUEST = "backend_service.custom_request_headers";
  private static final String RESPONSE = "backend_service.custom_response_headers";

  private static List<String> faults(BackendService.Builder service) {
    Violations faults = new Violations();
    BackendRules.check(service.build(), faults);
    return faults.found().stream().map(Violation::subject).toList();
  }

  private static BackendService.Builder kept(SessionAffinity affinity) {
    return BackendService.newBuilder().setSessionAffinity(affinity);
  }

  private static ConsistentHash.Builder cookie(String name, String path, int ttlSec) {
    return ConsistentHash.newBuilder()
        .setHttpCookie(
            HttpCookie.newBuilder()
                .setName(name)
                .setPath(path)
                .setTtl(Durations.fromSeconds(ttlSec)));
  }

  @Test
  void aClientThatIsKeptIsHashed() {
    BackendService complete = BackendRules.complete(kept(SessionAffinity.CLIENT_IP).build());
    assertThat(complete.getLocalityLbPolicy()).isEqualTo(LocalityLbPolicy.RING_HASH);
    assertThat(complete.getConsistentHash().getMinimumRingSize()).isEqualTo(1024);
    BackendService plain = BackendRules.complete(BackendService.getDefaultInstance());
    assertThat(plain.getLocalityLbPolicy()).isEqualTo(LocalityLbPolicy.ROUND_ROBIN);
    assertThat(plain.getSessionAffinity()).isEqualTo(SessionAffinity.NONE);
    assertThat(plain.hasConsistentHash()).isFalse();

    assertThat(faults(kept(SessionAffinity.CLIENT_IP))).isEmpty();
    assertThat(
            faults(
                kept(SessionAffinity.GENERATED_COOKIE)
                    .setLocalityLbPolicy(LocalityLbPolicy.MAGLEV)))
        .isEmpty();
    for (LocalityLbPolicy other :
        List.of(
            LocalityLbPolicy.ROUND_ROBIN,
            LocalityLbPolicy.LEAST_REQUEST,
            LocalityLbPolicy.RANDOM)) {
      assertThat(faults(kept(SessionAffinity.CLIENT_IP).setLocalityLbPolicy(other)))
          .containsExactly(POLICY);
      assertThat(faults(BackendService.newBuilder().setLocalityLbPolicy(other))).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void hashingNeedsSomethingToHashBy(LocalityLbPolicy policy) {
    assertThat(faults(BackendService.newBuilder().setLocalityLbPolicy(policy)))
        .containsExactly(POLICY);
    assertThat(
            faults(
                BackendService.newBuilder()
                    .setConsistentHash(ConsistentHash.newBuilder().setMinimumRingSize(5))))
        .containsExactly(HASH);
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "CLIENT_IP_PROTO",
        "CLIENT_IP_PORT_PROTO",
        "CLIENT_IP_NO_DESTINATION",
        "STRONG_COOKIE_AFFINITY"
      })
  void whatProxiesCannotKeepIsRefused(SessionAffinity affinity) {
    assertThat(faults(kept(affinity))).containsExactly(AFFINITY);
  }

  @ParameterizedTest
  @EnumSource(names = {"TCP", "SSL", "UDP"})
  void whereNoRequestsAreSeenNothingIsSaidOfThem(Protocol protocol) {
    BackendService.Builder service =
        BackendService.newBuilder()
            .setProtocol(protocol)
            .setSessionAffinity(SessionAffinity.CLIENT_IP)
            .setOutlierDetection(OutlierDetection.getDefaultInstance())
            .addCustomRequestHeaders("X-A:b")
            .addCustomResponseHeaders("X-A:b");

    assertThat(faults(service)).containsExactly(AFFINITY, OUTLIERS, REQUEST, RESPONSE);
    assertThat(
            faults(
                BackendService.newBuilder()
                    .setProtocol(protocol)
                    .setSessionAffinity(SessionAffinity.NONE)))
        .isEmpty();
  }

  @Test
  void aHeaderAndACookieGoWithTheirAffinity() {
    ConsistentHash header = ConsistentHash.newBuilder().setHttpHeaderName("X-User").build();
    assertThat(faults(kept(SessionAffinity.HEADER_FIELD).setConsistentHash(header))).isEmpty();
    assertThat(faults(kept(SessionAffinity.HEADER_FIELD)))
        .containsExactly(HASH + ".http_header_name");
    assertThat(faults(kept(SessionAffinity.CLIENT_IP).setConsistentHash(header)))
        .containsExactly(HASH + ".http_header_name");
    assertThat(
            faults(
                kept(SessionAffinity.HEADER_FIELD)
                    .setConsistentHash(ConsistentHash.newBuilder().setHttpHeaderName("a b"))))
        .containsExactly(HASH + ".http_header_name");

    assertThat(
            faults(
                kept(SessionAffinity.HTTP_COOKIE)
                    .setConsistentHash(cookie("sid", "/a", 1_209_600))))
        .isEmpty();
    assertThat(faults(kept(SessionAffinity.HTTP_COOKIE))).containsExactly(HASH + ".http_cookie");
    assertThat(faults(kept(SessionAffinity.CLIENT_IP).setConsistentHash(cookie("sid", "", 0))))
        .containsExactly(HASH + ".http_cookie");
    assertThat(
            faults(
                kept(SessionAffinity.HTTP_COOKIE)
                    .setConsistentHash(cookie("a=b", "a;", 1_209_601))))
        .containsExactly(
            HASH + ".http_cookie.name", HASH + ".http_cookie.path", HASH + ".http_cookie.ttl");
  }

  @Test
  void aTimeToLiveIsOfTheGeneratedCookieAndTwoWeeksAtMost() {
    assertThat(faults(kept(SessionAffinity.GENERATED_COOKIE).setAffinityCookieTtlSec(1_209_600)))
        .isEmpty();
    for (int bad : new int[] {-1, 1_209_601}) {
      assertThat(faults(kept(SessionAffinity.GENERATED_COOKIE).setAffinityCookieTtlSec(bad)))
          .containsExactly(TTL);
    }
    assertThat(faults(kept(SessionAffinity.CLIENT_IP).setAffinityCookieTtlSec(5)))
        .containsExactly(TTL);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 8_388_609})
  void aRingHasASize(long bad) {
    assertThat(
            faults(
                kept(SessionAffinity.CLIENT_IP)
                    .setConsistentHash(ConsistentHash.newBuilder().setMinimumRingSize(bad))))
        .containsExactly(HASH + ".minimum_ring_size");
    assertThat(
            faults(
                kept(SessionAffinity.CLIENT_IP)
                    .setLocalityLbPolicy(LocalityLbPolicy.MAGLEV)
                    .setConsistentHash(ConsistentHash.newBuilder().setMinimumRingSize(8))))
        .containsExactly(HASH + ".minimum_ring_size");
  }

  @Test
  void everyNumberOfOutlierDetectionHasLimitsAndADefault() {
    OutlierDetection defaults =
        BackendRules.complete(
                BackendService.newBuilder()
                    .setOutlierDetection(OutlierDetection.getDefaultInstance())
                    .build())
            .getOutlierDetection();
    OutlierDetection.getDescriptor()
        .getFields()
        .forEach(field -> assertThat(defaults.hasField(field)).as(field.getName()).isTrue());
    assertThat(defaults.getConsecutiveErrors()).isEqualTo(5);
    assertThat(defaults.getEnforcingConsecutiveErrors()).isZero();
    assertThat(defaults.getMaxEjectionPercent()).isEqualTo(50);
    assertThat(faults(BackendService.newBuilder().setOutlierDetection(defaults))).isEmpty();

    OutlierDetection bad =
        OutlierDetection.newBuilder()
            .setBaseEjectionTime(Durations.ZERO)
            .setInterval(Durations.fromSeconds(3601))
            .setConsecutiveErrors(0)
            .setConsecutiveGatewayFailure(1001)
            .setEnforcingConsecutiveErrors(101)
            .setEnforcingConsecutiveGatewayFailure(-1)
            .setEnforcingSuccessRate(101)
            .setMaxEjectionPercent(101)
            .setSuccessRateMinimumHosts(0)
            .setSuccessRateRequestVolume(0)
            .setSuccessRateStdevFactor(0)
            .build();
    assertThat(faults(BackendService.newBuilder().setOutlierDetection(bad)))
        .containsExactlyInAnyOrderElementsOf(
            OutlierDetection.getDescriptor().getFields().stream()
                .map(field -> OUTLIERS + "." + field.getName())
                .toList());
  }

  @Test
  void headersHaveANameOnceAndALiteralValue() {
    assertThat(
            faults(
                BackendService.newBuilder()
                    .addCustomRequestHeaders("X-A: b:c")
                    .addCustomResponseHeaders("Cache-Control:no-store")))
        .isEmpty();
    assertThat(
            faults(
                BackendService.newBuilder()
                    .addCustomRequestHeaders("X-A")
                    .addCustomRequestHeaders("X-A:")
                    .addCustomRequestHeaders("Host:a")
                    .addCustomRequestHeaders("X-B:{client_region}")
                    .addCustomRequestHeaders("x-b:c")))
        .containsExactly(
            REQUEST + "[0]", REQUEST + "[1]", REQUEST + "[2]", REQUEST + "[3]", REQUEST + "[4]");
    BackendService.Builder many = BackendService.newBuilder();
    for (int i = 0; i < 17; i++) {
      many.addCustomResponseHeaders("X-%d:v".formatted(i));
    }
    assertThat(faults(many)).containsExactly(RESPONSE);
  }
}
