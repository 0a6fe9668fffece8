package io.openneg.negservice;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
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
          .importPackages("io.openneg.negservice");

  /** All but the named edges, so that a new class is pure unless it says otherwise here. */
  @Test
  void decidersStatesCommandsAndEventsDoNoIo() {
    classes()
        .that()
        .resideInAPackage("..neg")
        .and()
        .haveNameNotMatching(
            ".*\\.(NegGrpcService|EndpointChanges|NegQueries|InventoryQueries|NegHistory"
                + "|NegCheckpoints|NegMessages|NegEventCodec|NegView|NegChanges|NegHealth"
                + "|DeletableNegs|package-info)(\\$.*)?")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java.lang..",
            "java.time",
            "java.util",
            "java.util.function",
            "java.util.regex",
            "java.util.stream",
            "java.nio.charset",
            "org.pcollections",
            "org.jspecify.annotations",
            "io.openneg.eventlog",
            "io.openneg.serviceruntime.api",
            "io.openneg.serviceruntime.address",
            "io.openneg.negservice.neg")
        .check(SERVICE);
    noClasses()
        .that()
        .haveSimpleName("NegDecider")
        .should()
        .transitivelyDependOnClassesThat()
        .resideInAnyPackage(
            "org.jdbi..", "java.sql..", "org.apache.kafka..", "io.grpc..", "io.quarkus..")
        .check(SERVICE);
  }

  @Test
  void onlyTheEdgesKnowThePublishedMessages() {
    noClasses()
        .that()
        .resideInAPackage("..neg")
        .and()
        .haveNameNotMatching(
            ".*\\.(NegGrpcService|NegEventsGrpcService|EndpointChanges|NegQueries|InventoryQueries"
                + "|NegMessages|NegEventCodec|NegHealth)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.openneg.neg.v1", "io.openneg.backend.v1")
        .check(SERVICE);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.openneg.(**)").should().beFreeOfCycles().check(SERVICE);
  }
}
