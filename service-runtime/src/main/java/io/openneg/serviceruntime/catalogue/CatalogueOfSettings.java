package io.openneg.serviceruntime.catalogue;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Reads the catalogue that all services share. */
@Dependent
class CatalogueOfSettings {

  @Produces
  @Singleton
  Catalogue catalogue(@ConfigProperty(name = "openneg.zones") String zones) {
    return Catalogue.parse(zones);
  }
}
