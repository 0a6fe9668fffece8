package io.openneg.backendservice.apply;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.backendservice.resource.Resources;
import io.openneg.backendservice.targetproxy.TargetProxies;
import io.openneg.eventlog.Rehearsal;
import java.util.List;

/**
 * Target proxies of a kind in a configuration.
 *
 * @param list such as {@code target_http_proxies}
 * @param <M> as published
 */
record TargetProxiesKind<M extends Message>(String list, TargetProxies<M> proxies)
    implements Kind<M> {

  @Override
  public String called() {
    return proxies.called();
  }

  @Override
  public Resources<M, ?> resources() {
    return proxies.resources();
  }

  @Override
  public void create(Rehearsal rehearsal, String name, M wanted, Timestamp now) {
    long id = Resources.newId();
    proxies
        .resources()
        .rehearse(rehearsal, name, tx -> proxies.creation(tx, name, id, now, wanted));
  }

  @Override
  public void update(Rehearsal rehearsal, String name, M current, M wanted) {
    proxies
        .resources()
        .rehearse(rehearsal, name, tx -> proxies.update(tx, name, wanted, List.of()));
  }

  @Override
  public long delete(Rehearsal rehearsal, String name) {
    return proxies.resources().rehearse(rehearsal, name, tx -> proxies.deletion(tx, name));
  }
}
