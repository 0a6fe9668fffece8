package io.openneg.backendservice.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.openneg.backend.v1.Address;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.catalogue.Catalogue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressPoolsTest {
  private static final Catalogue CATALOGUE = Catalogue.parse("lab 10.128.240.0/20: lab-a lab-b");

  @Test
  void eachTypeAndScopeHasItsOwn() {
    AddressPools pools =
        AddressPools.parse(
            "external global: 203.0.113.0/25 203.0.113.128/26;"
                + " external lab: 198.51.100.0/24; internal lab: 10.9.0.0/24;",
            CATALOGUE);

    assertThat(pools.of(Address.Type.EXTERNAL, "projects/p/global/addresses/a"))
        .hasToString("[203.0.113.0/25, 203.0.113.128/26]");
    assertThat(pools.of(Address.Type.INTERNAL, "projects/p/regions/lab/addresses/a"))
        .hasToString("[10.9.0.0/24]");
    assertThat(pools.of(Address.Type.INTERNAL, "projects/p/regions/other/addresses/a")).isEmpty();
    assertThat(pools.contain(Ipv4Address.parse("10.9.0.7").orElseThrow())).isTrue();
    assertThat(pools.contain(Ipv4Address.parse("10.9.1.7").orElseThrow())).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "external global 10.0.0.0/8 | is not 'external global: range range'",
        "public global: 10.0.0.0/8 | is neither 'external' nor 'internal'",
        "internal global: 10.0.0.0/8 | internal addresses are in a region",
        "external mars: 10.0.0.0/8 | is no region of OPENNEG_ZONES",
        "external lab: 10.0.0.0 | is not a range",
        "external lab: 10.0.0.0/8; internal lab: 10.1.0.0/16 | overlap",
        "external lab: 10.0.0.0/16; external lab: 10.1.0.0/16 | comes twice"
      })
  void aFaultIsNamed(String text, String fault) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AddressPools.parse(text, CATALOGUE))
        .withMessageStartingWith("OPENNEG_ADDRESS_POOLS: ")
        .withMessageContaining(fault);
  }
}
