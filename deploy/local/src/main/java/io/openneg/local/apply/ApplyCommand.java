package io.openneg.local.apply;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.openneg.backend.v1.ApplyRequest;
import io.openneg.backend.v1.ApplyResponse;
import io.openneg.local.client.Api;
import io.openneg.proxyconfig.v1.WaitForConvergenceRequest;
import io.openneg.proxyconfig.v1.WaitForConvergenceResponse;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** {@code openneg apply}. */
public final class ApplyCommand {
  private static final int PATIENCE_MS = 20_000;

  private final Api api;
  private final PrintStream out;
  private final PrintStream err;

  public ApplyCommand(Api api, PrintStream out, PrintStream err) {
    this.api = api;
    this.out = out;
    this.err = err;
  }

  /** 0 only if the project is as the file says, or with a dry run could be. */
  public int run(ApplyOptions options) {
    String document;
    try {
      document =
          options.file().equals("-")
              ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
              : Files.readString(Path.of(options.file()));
    } catch (IOException e) {
      err.println("cannot read " + options.file() + ": " + e);
      return 1;
    }
    try {
      ApplyResponse response =
          api.configurations()
              .apply(
                  ApplyRequest.newBuilder()
                      .setParent("projects/" + options.project())
                      .setDocument(document)
                      .setDryRun(options.dryRun())
                      .setPrune(options.prune())
                      .setRequestId(UUID.randomUUID().toString())
                      .build());
      PlanText.of(response, options.dryRun()).forEach(out::println);
      return options.await() ? await(response.getChangeTokensList()) : 0;
    } catch (StatusRuntimeException e) {
      refusal(e).forEach(line -> err.println(options.file() + ": " + line));
      return 1;
    }
  }

  private int await(List<String> changeTokens) {
    int proxies = 0;
    for (String token : changeTokens) {
      WaitForConvergenceResponse convergence =
          api.explain()
              .waitForConvergence(
                  WaitForConvergenceRequest.newBuilder()
                      .setChangeToken(token)
                      .setTimeoutMs(PATIENCE_MS)
                      .build());
      if (!convergence.getConverged()) {
        err.println("applied, but not every proxy has it yet: " + token);
        err.println(convergence);
        return 1;
      }
      proxies = convergence.getConnectedProxies();
    }
    if (!changeTokens.isEmpty()) {
      out.printf("%d of %d proxies have it%n", proxies, proxies);
    }
    return 0;
  }

  /** Every fault in a line, else what the service says. */
  static List<String> refusal(StatusRuntimeException e) {
    Status status = StatusProto.fromThrowable(e);
    List<String> lines = new ArrayList<>();
    if (status != null) {
      for (Any detail : status.getDetailsList()) {
        faults(detail, lines);
      }
    }
    if (lines.size() > 1) {
      return lines;
    }
    String said = e.getStatus().getDescription();
    return List.of(said == null ? e.getStatus().getCode().toString() : said);
  }

  private static void faults(Any detail, List<String> lines) {
    try {
      if (detail.is(BadRequest.class)) {
        detail
            .unpack(BadRequest.class)
            .getFieldViolationsList()
            .forEach(fault -> lines.add(fault.getField() + " " + fault.getDescription()));
      } else if (detail.is(PreconditionFailure.class)) {
        detail
            .unpack(PreconditionFailure.class)
            .getViolationsList()
            .forEach(fault -> lines.add(fault.getSubject() + " " + fault.getDescription()));
      }
    } catch (InvalidProtocolBufferException _) {
      lines.add(detail.getTypeUrl() + " cannot be read");
    }
  }
}
