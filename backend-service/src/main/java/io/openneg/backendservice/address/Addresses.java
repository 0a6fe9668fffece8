package io.openneg.backendservice.address;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Address;
import io.openneg.backendservice.resource.HeldAddressTable;
import io.openneg.backendservice.resource.ListeningTable;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.RejectedException;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.grpc.Requests;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Commands and queries of addresses. Thread-safe. */
public final class Addresses {
  private final Resources<Address, AddressCommand> resources;
  private final AddressPools pools;

  public Addresses(Resources<Address, AddressCommand> resources, AddressPools pools) {
    this.resources = resources;
    this.pools = pools;
  }

  /**
   * @throws RejectedException when it is refused
   */
  Address create(Message request, String requestId, String parent, String id, Address sent) {
    String name = resources.newName(parent, "address_id", id);
    CommandContext context = Requests.context(request, requestId);
    long newId = Resources.newId();
    return inUseBy(
        resources.run(
            name,
            context,
            tx -> creation(tx, name, newId, Resources.timestamp(context.now()), sent)),
        List.of());
  }

  public AddressCommand creation(Handle tx, String name, long id, Timestamp now, Address sent) {
    Address wanted = AddressRules.complete(name, sent);
    List<Ipv4Range> pool = pools.of(wanted.getAddressType(), name);
    return new AddressCommand.Create(
        name,
        id,
        now,
        wanted,
        inTheWay(tx, wanted.getAddress()),
        !pool.isEmpty(),
        HeldAddressTable.lowestFree(tx, pool));
  }

  private static Optional<String> inTheWay(Handle tx, String ip) {
    if (Ipv4Address.parse(ip).isEmpty()) {
      return Optional.empty();
    }
    HeldAddressTable.lock(tx, ip);
    return HeldAddressTable.holder(tx, ip).or(() -> ListeningTable.listener(tx, ip));
  }

  /**
   * @throws RejectedException NOT_FOUND
   */
  Address get(String name) {
    Address address = resources.get(name);
    return inUseBy(
        address, resources.users(List.of(name)).getOrDefault(address.getName(), List.of()));
  }

  Page.Of<Address> list(String parent, int pageSize, String pageToken, String filter) {
    Page.Of<Address> page = resources.list(parent, pageSize, pageToken, filter);
    Map<String, List<String>> users =
        resources.users(page.items().stream().map(Address::getName).toList());
    return new Page.Of<>(
        page.items().stream()
            .map(a -> inUseBy(a, users.getOrDefault(a.getName(), List.of())))
            .toList(),
        page.nextPageToken());
  }

  /**
   * @return the change token
   * @throws RejectedException when it is refused
   */
  String delete(Message request, String requestId, String of) {
    String name = resources.name("name", of);
    return resources.delete(name, Requests.context(request, requestId), tx -> deletion(tx, name));
  }

  public AddressCommand deletion(Handle tx, String name) {
    return new AddressCommand.Delete(name, resources.facts(tx, name, List.of()));
  }

  public Resources<Address, AddressCommand> resources() {
    return resources;
  }

  private static Address inUseBy(Address address, List<String> users) {
    return address.toBuilder()
        .setStatus(users.isEmpty() ? Address.Status.RESERVED : Address.Status.IN_USE)
        .addAllUsers(users)
        .build();
  }
}
