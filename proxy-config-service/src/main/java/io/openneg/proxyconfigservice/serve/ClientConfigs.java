package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import io.envoyproxy.envoy.service.status.v3.ConfigStatus;
import io.openneg.proxyconfigservice.xds.XdsType;

/** What a client has, in the words of the Client Status Discovery Service. */
final class ClientConfigs {
  private ClientConfigs() {}

  /**
   * @param contents whether the resources themselves are wanted
   */
  static ClientConfig of(ClientView view, boolean contents) {
    ClientConfig.Builder config = ClientConfig.newBuilder().setNode(view.node());
    view.resources().forEach(state -> config.addGenericXdsConfigs(of(state, contents)));
    return config.build();
  }

  private static GenericXdsConfig of(ResourceState state, boolean wanted) {
    // Who may ask what a proxy has may not have its private keys.
    boolean contents = wanted && state.type() != XdsType.SECRETS;
    GenericXdsConfig.Builder config =
        GenericXdsConfig.newBuilder()
            .setTypeUrl(state.type().typeUrl())
            .setName(state.name())
            .setConfigStatus(configStatus(state))
            .setClientStatus(clientStatus(state));
    if (state.held() != null) {
      config.setVersionInfo(state.held().version().toString());
      if (contents) {
        config.setXdsConfig(state.held().body());
      }
    }
    if (state.refusal() != null && state.progress() == ResourceState.Progress.REFUSED) {
      UpdateFailureState.Builder failure =
          UpdateFailureState.newBuilder().setDetails(state.refusal().error());
      if (state.expected() != null) {
        failure.setVersionInfo(state.expected().version().toString());
        if (contents) {
          failure.setFailedConfiguration(state.expected().body());
        }
      }
      config.setErrorState(failure);
    }
    return config.build();
  }

  private static ConfigStatus configStatus(ResourceState state) {
    return switch (state.progress()) {
      case HAD -> ConfigStatus.SYNCED;
      case NOT_ACKNOWLEDGED -> ConfigStatus.STALE;
      case NOT_SENT -> ConfigStatus.NOT_SENT;
      case REFUSED -> ConfigStatus.ERROR;
    };
  }

  private static ClientResourceStatus clientStatus(ResourceState state) {
    if (state.progress() == ResourceState.Progress.REFUSED) {
      return ClientResourceStatus.NACKED;
    }
    if (state.held() != null) {
      return ClientResourceStatus.ACKED;
    }
    return state.expected() == null
        ? ClientResourceStatus.DOES_NOT_EXIST
        : ClientResourceStatus.REQUESTED;
  }
}
