package io.openneg.healthservice.api;

import io.openneg.eventlog.RejectedException;
import io.openneg.serviceruntime.address.Ipv4Address;
import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * The keys in page tokens: parts that have no spaces. A token may be made up, so all is checked.
 */
final class PageKeys {
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");

  /** As PostgreSQL orders addresses. */
  static final Comparator<String> ADDRESSES =
      Comparator.comparing(ip -> Ipv4Address.parse(ip).orElseThrow());

  private PageKeys() {}

  static String join(String... parts) {
    return String.join(" ", parts);
  }

  static String[] split(String key, int parts) {
    String[] split = key.split(" ", -1);
    if (split.length != parts) {
      throw invalid();
    }
    return split;
  }

  static String ip(String part) {
    if (!IPV4.matcher(part).matches()) {
      throw invalid();
    }
    return part;
  }

  static int port(String part) {
    return (int) number(part, 65_535);
  }

  static long number(String part, long max) {
    try {
      long number = Long.parseLong(part);
      if (number >= 0 && number <= max) {
        return number;
      }
    } catch (NumberFormatException _) {
      // The same answer.
    }
    throw invalid();
  }

  /** Whether a text is an IPv4 address. */
  static boolean isIp(String text) {
    return IPV4.matcher(text).matches();
  }

  private static RejectedException invalid() {
    return Requested.invalid("page_token", "must be a next_page_token of an earlier answer");
  }
}
