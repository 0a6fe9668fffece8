package io.openneg.proxyconfigservice;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses SERVICE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.openneg.proxyconfigservice");

  @Test
  void theRoutingTableAndItsTranslationDoNoIo() {
    noClasses()
        .that()
        .resideInAnyPackage("..routing..", "..xds..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.nio.channels..",
            "java.net..",
            "java.nio.file..",
            "java.sql..",
            "org.jdbi..",
            "org.apache.kafka..",
            "io.grpc..",
            "io.quarkus..",
            "io.vertx..",
            "jakarta..")
        .check(SERVICE);
  }

  @Test
  void theProtocolDoesNoIoButInTheClassesThatHoldAStream() {
    noClasses()
        .that()
        .resideInAPackage("..serve..")
        .and()
        .haveNameNotMatching(
            ".*\\.([A-Za-z]*Server|DiscoveryStreams|ConnectedProxy|ConnectedProxies)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.grpc..", "org.jdbi..", "java.sql..", "io.quarkus..", "jakarta..")
        .check(SERVICE);
  }

  @Test
  void translatingKnowsNothingOfServingNorServingOfEvents() {
    noClasses()
        .that()
        .resideInAPackage("..routing..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..xds..", "..serve..", "..ingest..", "..history..", "..explain..")
        .check(SERVICE);
    noClasses()
        .that()
        .resideInAPackage("..xds..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..serve..", "..ingest..", "..history..", "..explain..")
        .check(SERVICE);
    noClasses()
        .that()
        .resideInAPackage("..serve..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("..ingest..", "..history..", "..explain..")
        .check(SERVICE);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.openneg.(**)").should().beFreeOfCycles().check(SERVICE);
  }
}
