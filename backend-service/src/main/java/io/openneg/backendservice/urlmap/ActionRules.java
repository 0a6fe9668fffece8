package io.openneg.backendservice.urlmap;

import static io.openneg.backend.v1.HttpRedirectAction.RedirectResponseCode.UNRECOGNIZED;

import io.openneg.backend.v1.HttpRedirectAction;
import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.HttpRouteRuleMatch;
import io.openneg.backend.v1.UrlRewrite;
import io.openneg.backend.v1.WeightedBackendService;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.urlmap.PathTemplate;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What may become of a request, at one place of a URL map: a service, a redirect, or weighted
 * services (compute v1). Pure.
 */
final class ActionRules {
  private static final int MAX_PATH = 1024;
  private static final int MAX_WEIGHT = 1000;
  private static final Pattern HOST =
      Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9.-]{0,253}[a-zA-Z0-9])?");

  private final String at;
  private final String prefix;
  private final List<HttpRouteRuleMatch> matches;
  private final Violations faults;

  private ActionRules(
      String at, String prefix, List<HttpRouteRuleMatch> matches, Violations faults) {
    this.at = at;
    this.prefix = prefix;
    this.matches = matches;
    this.faults = faults;
  }

  /** A default: its fields are {@code default_service} and so on. */
  static ActionRules ofDefault(String at, Violations faults) {
    return new ActionRules(at, "default_", List.of(), faults);
  }

  /**
   * A rule.
   *
   * @param matches what a route rule asks for; empty for a path rule
   */
  static ActionRules ofRule(String at, List<HttpRouteRuleMatch> matches, Violations faults) {
    return new ActionRules(at, "", matches, faults);
  }

  void check(
      String service, boolean redirects, HttpRedirectAction redirect, HttpRouteAction action) {
    boolean weighted = action.getWeightedBackendServicesCount() > 0;
    String serviceField = at + "." + prefix + "service";
    String redirectField = at + "." + prefix + "url_redirect";
    String actionField = at + "." + prefix + "route_action";
    if (service.isEmpty()) {
      faults.check(
          redirects || weighted,
          serviceField,
          "must be given unless there is %surl_redirect or %sroute_action.weighted_backend_services"
              .formatted(prefix, prefix));
    } else {
      faults.check(
          !redirects && !weighted,
          serviceField,
          "must not be beside %surl_redirect or %sroute_action.weighted_backend_services"
              .formatted(prefix, prefix));
    }
    if (redirects) {
      faults.check(
          action.equals(HttpRouteAction.getDefaultInstance()),
          actionField,
          "must not be beside %surl_redirect".formatted(prefix));
      redirect(redirect, redirectField);
    } else {
      action(action, actionField);
    }
  }

  /** A name of a backend service; {@link UrlMapRules} asks what names there can be. */
  static void given(String name, String field, Violations faults) {
    faults.check(!name.isEmpty(), field, "must be given");
  }

  private void redirect(HttpRedirectAction redirect, String field) {
    // It would send the client where it is already, for ever.
    faults.check(
        !redirect.getHostRedirect().isEmpty()
            || !redirect.getPathRedirect().isEmpty()
            || !redirect.getPrefixRedirect().isEmpty()
            || redirect.getHttpsRedirect(),
        field,
        "must have at least one of host_redirect, path_redirect, prefix_redirect, https_redirect");
    host(redirect.getHostRedirect(), field + ".host_redirect");
    path(redirect.getPathRedirect(), field + ".path_redirect");
    path(redirect.getPrefixRedirect(), field + ".prefix_redirect");
    faults.check(
        redirect.getPathRedirect().isEmpty() || redirect.getPrefixRedirect().isEmpty(),
        field + ".prefix_redirect",
        "must not be beside path_redirect");
    prefixMatches(redirect.getPrefixRedirect(), field + ".prefix_redirect");
    faults.check(
        redirect.getRedirectResponseCode() != UNRECOGNIZED,
        field + ".redirect_response_code",
        "must be a known one");
  }

  private void action(HttpRouteAction action, String field) {
    long sum = 0;
    for (int i = 0; i < action.getWeightedBackendServicesCount(); i++) {
      WeightedBackendService weighted = action.getWeightedBackendServices(i);
      String one = "%s.weighted_backend_services[%d]".formatted(field, i);
      given(weighted.getBackendService(), one + ".backend_service", faults);
      long weight = Integer.toUnsignedLong(weighted.getWeight());
      faults.range(weight, 0, MAX_WEIGHT, one + ".weight");
      sum += weight;
      HeaderActionRules.check(weighted.getHeaderAction(), one + ".header_action", faults);
    }
    faults.check(
        sum > 0 || action.getWeightedBackendServicesCount() == 0,
        field + ".weighted_backend_services",
        "must have one with a weight above 0");
    rewrite(action.getUrlRewrite(), field + ".url_rewrite");
    RoutePolicyRules.check(action, field, faults);
  }

  private void rewrite(UrlRewrite rewrite, String field) {
    host(rewrite.getHostRewrite(), field + ".host_rewrite");
    path(rewrite.getPathPrefixRewrite(), field + ".path_prefix_rewrite");
    prefixMatches(rewrite.getPathPrefixRewrite(), field + ".path_prefix_rewrite");
    String template = rewrite.getPathTemplateRewrite();
    if (template.isEmpty()) {
      return;
    }
    String templateField = field + ".path_template_rewrite";
    faults.check(
        rewrite.getPathPrefixRewrite().isEmpty(),
        templateField,
        "must not be beside path_prefix_rewrite");
    if (faults.check(
        !matches.isEmpty() && matches.stream().allMatch(HttpRouteRuleMatch::hasPathTemplateMatch),
        templateField,
        "needs match rules that all have path_template_match")) {
      matches.forEach(match -> templateFits(match, template, templateField));
    }
  }

  private void templateFits(HttpRouteRuleMatch match, String rewrite, String field) {
    PathTemplate template;
    try {
      template = PathTemplate.parse(match.getPathTemplateMatch());
    } catch (IllegalArgumentException _) {
      return; // told of where it stands
    }
    try {
      template.checkRewrite(rewrite);
    } catch (IllegalArgumentException e) {
      faults.check(false, field, String.valueOf(e.getMessage()));
    }
  }

  private void prefixMatches(String replacement, String field) {
    faults.check(
        replacement.isEmpty()
            || matches.stream().allMatch(m -> m.hasPrefixMatch() || m.hasFullPathMatch()),
        field,
        "needs match rules that all have prefix_match or full_path_match");
  }

  private void host(String host, String field) {
    faults.check(
        host.isEmpty() || HOST.matcher(host).matches(),
        field,
        "must be a host name of at most 255 characters");
  }

  private void path(String path, String field) {
    faults.check(
        path.isEmpty()
            || (path.startsWith("/")
                && path.length() <= MAX_PATH
                && path.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '?' && c != '#')),
        field,
        "must begin with '/', have at most %d characters of ASCII and no '?', '#' or space"
            .formatted(MAX_PATH));
  }
}
