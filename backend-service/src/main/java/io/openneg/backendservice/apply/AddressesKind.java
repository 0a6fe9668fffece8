package io.openneg.backendservice.apply;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Address;
import io.openneg.backendservice.address.AddressCommand;
import io.openneg.backendservice.address.AddressRules;
import io.openneg.backendservice.address.Addresses;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.Rehearsal;

/** Addresses in a configuration. Nothing of one can change. */
record AddressesKind(Addresses addresses) implements Kind<Address> {

  @Override
  public String list() {
    return "addresses";
  }

  @Override
  public String called() {
    return "address";
  }

  @Override
  public Resources<Address, AddressCommand> resources() {
    return addresses.resources();
  }

  @Override
  public void create(Rehearsal rehearsal, String name, Address wanted, Timestamp now) {
    long id = Resources.newId();
    resources().rehearse(rehearsal, name, tx -> addresses.creation(tx, name, id, now, wanted));
  }

  /** One that does not say an IP address is content with the one it has. */
  @Override
  public void update(Rehearsal rehearsal, String name, Address current, Address wanted) {
    Address.Builder complete = AddressRules.complete(name, wanted).toBuilder();
    if (wanted.getAddress().isEmpty()) {
      complete.setAddress(current.getAddress());
    }
    Immutable.check(called(), current, complete.build());
  }

  @Override
  public long delete(Rehearsal rehearsal, String name) {
    return resources().rehearse(rehearsal, name, tx -> addresses.deletion(tx, name));
  }
}
