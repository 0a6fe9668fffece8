package io.openneg.edgeproxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

class LayersTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.openneg.edgeproxy");

  @Test
  void whatDecidesDoesNoInputOrOutput() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "..routing..", "..balancing..", "..config..", "..decode..", "..warming..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.vertx..",
            "io.netty..",
            "io.grpc..",
            "java.nio.channels..",
            "io.openneg.edgeproxy.xds..",
            "io.openneg.edgeproxy.http..",
            "io.openneg.edgeproxy.upstream..",
            "io.openneg.edgeproxy.admin..")
        .check(CLASSES);
  }

  @Test
  void onlyDecodingAndTheClientKnowTheProtobufsOfXds() {
    noClasses()
        .that()
        .resideOutsideOfPackages("..decode..", "..xds..", "..warming..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.envoyproxy..", "com.google.protobuf..")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    SlicesRuleDefinition.slices()
        .matching("io.openneg.edgeproxy.(*)..")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }
}
