package io.openneg.backendservice.address;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Address;
import io.openneg.backend.v1.NetworkTier;
import io.openneg.backendservice.Scenario;
import io.openneg.backendservice.address.AddressCommand.Create;
import io.openneg.backendservice.address.AddressCommand.Delete;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AddressDeciderTest {
  private static final String GLOBAL = "projects/p/global/addresses/vip";
  private static final String REGIONAL = "projects/p/regions/lab/addresses/vip";

  private static Scenario<ResourceState<Address>, AddressCommand> nothing() {
    return Scenario.of(new AddressDecider());
  }

  private static Create create(String name, Address.Builder address, String free) {
    return new Create(
        name,
        42,
        Timestamp.getDefaultInstance(),
        AddressRules.complete(name, address.build()),
        Optional.empty(),
        true,
        Optional.of(free).filter(f -> !f.isEmpty()));
  }

  private static Address created(String name, Address.Builder address) {
    return Objects.requireNonNull(
        nothing().after(create(name, address, "203.0.113.7")).state().resource());
  }

  private static Address.Builder address(String ip) {
    return Address.newBuilder().setAddress(ip);
  }

  @Test
  void theTierFollowsFromScopeAndType() {
    assertThat(created(GLOBAL, address("")).getNetworkTier()).isEqualTo(NetworkTier.PREMIUM);
    assertThat(created(REGIONAL, address("")).getNetworkTier()).isEqualTo(NetworkTier.STANDARD);
    assertThat(
            created(REGIONAL, address("10.1.2.3").setAddressType(Address.Type.INTERNAL))
                .getNetworkTier())
        .isEqualTo(NetworkTier.PREMIUM);
    nothing()
        .when(create(GLOBAL, address("").setNetworkTier(NetworkTier.STANDARD), ""))
        .thenInvalid("address.network_tier");
    nothing()
        .when(create(REGIONAL, address("").setNetworkTier(NetworkTier.PREMIUM), ""))
        .thenInvalid("address.network_tier");
  }

  @Test
  void internalAddressesArePrivateAndRegional() {
    nothing()
        .when(create(GLOBAL, address("").setAddressType(Address.Type.INTERNAL), "10.0.0.1"))
        .thenInvalid("address.address_type");
    nothing()
        .when(create(REGIONAL, address("8.8.8.8").setAddressType(Address.Type.INTERNAL), ""))
        .thenInvalid("address.address");
  }

  @Test
  void whatNobodyChoseIsTheLowestFreeOneOfThePool() {
    assertThat(created(GLOBAL, address("")).getAddress()).isEqualTo("203.0.113.7");
    nothing().when(create(GLOBAL, address(""), "")).thenRejected("ADDRESS_POOL_EXHAUSTED");
    nothing()
        .when(
            new Create(
                GLOBAL,
                42,
                Timestamp.getDefaultInstance(),
                AddressRules.complete(GLOBAL, Address.getDefaultInstance()),
                Optional.empty(),
                false,
                Optional.empty()))
        .thenRejected("ADDRESS_POOL_MISSING");
  }

  @Test
  void oneThatSomebodyHasIsRefusedAndHeIsNamed() {
    var refusal =
        nothing()
            .when(
                new Create(
                    GLOBAL,
                    42,
                    Timestamp.getDefaultInstance(),
                    AddressRules.complete(GLOBAL, address("203.0.113.9").build()),
                    Optional.of("projects/q/global/addresses/theirs"),
                    true,
                    Optional.empty()))
            .thenRejected("ADDRESS_IN_USE");

    assertThat(refusal.message()).contains("203.0.113.9", "projects/q/global/addresses/theirs");
    nothing().when(create(GLOBAL, address("::1"), "")).thenInvalid("address.address");
    nothing().when(create(GLOBAL, address("0.0.0.0"), "")).thenInvalid("address.address");
  }

  @Test
  void itIsNotDeletedWhileARuleUsesIt() {
    var created = nothing().after(create(GLOBAL, address(""), "203.0.113.7"));

    created
        .when(new Delete(GLOBAL, new Facts(Set.of(), List.of("rule"))))
        .thenRejected("RESOURCE_IN_USE");
    created
        .after(new Delete(GLOBAL, new Facts(Set.of(), List.of())))
        .when(new Delete(GLOBAL, new Facts(Set.of(), List.of())))
        .thenRejected("NOT_FOUND");
  }
}
