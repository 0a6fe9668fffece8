package io.openneg.healthservice.probe;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The head of the answer that nearly all healthy servers give: HTTP/1.1, status 200, lines without
 * surprises, one Content-Length. Whatever is not just so is for a real decoder of HTTP; what is, is
 * read as that would read it.
 *
 * @param bodyStart index of the body's first byte
 * @param bodyLength that the head promises
 * @param keepsConnection whether the server will take another request on the connection
 */
record PlainAnswer(int bodyStart, int bodyLength, boolean keepsConnection) {
  /** More than what such an answer takes. */
  static final int MAX_BYTES = 4096;

  private static final String STATUS = "HTTP/1.1 200";
  private static final int MAX_LENGTH_DIGITS = 9;

  /** How far bytes are such an answer. */
  sealed interface Reading {
    /** As far as they go. */
    record Partial() implements Reading {}

    /** They are not. */
    record Other() implements Reading {}

    /** The head is there, and it is. */
    record Head(PlainAnswer answer) implements Reading {}
  }

  private static final Reading PARTIAL = new Reading.Partial();
  private static final Reading OTHER = new Reading.Other();

  /**
   * Looks at all that has come of an answer, and leaves its indexes as they are.
   *
   * @param bytes from the answer's first on
   */
  static Reading read(ByteBuf bytes) {
    int end = bytes.writerIndex();
    int at = bytes.readerIndex();
    for (int i = 0; i < STATUS.length(); i++, at++) {
      if (at == end) {
        return PARTIAL;
      }
      if (bytes.getByte(at) != STATUS.charAt(i)) {
        return OTHER;
      }
    }
    if (at < end && bytes.getByte(at) != ' ' && bytes.getByte(at) != '\r') {
      return OTHER;
    }
    return new HeadReader(bytes, at, end).read();
  }

  /** Reads line by line. */
  private static final class HeadReader {
    private final ByteBuf bytes;
    private final int end;
    private int at;
    private int length = -1;
    private boolean connectionSaid;
    private boolean keeps = true;

    private HeadReader(ByteBuf bytes, int at, int end) {
      this.bytes = bytes;
      this.at = at;
      this.end = end;
    }

    private Reading read() {
      @Nullable Reading surprise = passLine();
      while (surprise == null) {
        if (at < end && bytes.getByte(at) == '\r') {
          return readEnd();
        }
        surprise = readField();
      }
      return surprise;
    }

    private Reading readEnd() {
      if (at + 1 == end) {
        return PARTIAL;
      }
      if (bytes.getByte(at + 1) != '\n' || length < 0) {
        return OTHER;
      }
      return new Reading.Head(new PlainAnswer(at + 2, length, keeps));
    }

    private @Nullable Reading readField() {
      int name = at;
      while (at < end && isOfToken(bytes.getByte(at))) {
        at++;
      }
      if (at == end) {
        return PARTIAL;
      }
      if (at == name || bytes.getByte(at) != ':') {
        return OTHER;
      }
      int nameEnd = at++;
      int value = at;
      @Nullable Reading surprise = passLine();
      return surprise != null ? surprise : understand(name, nameEnd, value, at - 2);
    }

    /** Passes the rest of a line; null: it was there, and without surprises. */
    private @Nullable Reading passLine() {
      while (at < end && isOfText(bytes.getByte(at))) {
        at++;
      }
      if (at + 1 >= end) {
        return at == end || bytes.getByte(at) == '\r' ? PARTIAL : OTHER;
      }
      if (bytes.getByte(at) != '\r' || bytes.getByte(at + 1) != '\n') {
        return OTHER;
      }
      at += 2;
      return null;
    }

    private @Nullable Reading understand(int name, int nameEnd, int from, int to) {
      int valueEnd = to;
      int value = from;
      while (value < valueEnd && isBlank(bytes.getByte(value))) {
        value++;
      }
      while (value < valueEnd && isBlank(bytes.getByte(valueEnd - 1))) {
        valueEnd--;
      }
      if (is(name, nameEnd, "content-length")) {
        return length < 0 && readLength(value, valueEnd) ? null : OTHER;
      }
      if (is(name, nameEnd, "connection")) {
        return !connectionSaid && readConnection(value, valueEnd) ? null : OTHER;
      }
      return is(name, nameEnd, "transfer-encoding") ? OTHER : null;
    }

    private boolean readLength(int value, int valueEnd) {
      int digits = valueEnd - value;
      if (digits < 1 || digits > MAX_LENGTH_DIGITS) {
        return false;
      }
      int number = 0;
      for (int i = value; i < valueEnd; i++) {
        int digit = bytes.getByte(i) - '0';
        if (digit < 0 || digit > 9) {
          return false;
        }
        number = number * 10 + digit;
      }
      length = number;
      return true;
    }

    private boolean readConnection(int value, int valueEnd) {
      connectionSaid = true;
      keeps = is(value, valueEnd, "keep-alive");
      return keeps || is(value, valueEnd, "close");
    }

    private boolean is(int from, int to, String lowerCase) {
      if (to - from != lowerCase.length()) {
        return false;
      }
      for (int i = 0; i < lowerCase.length(); i++) {
        int c = bytes.getByte(from + i);
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != lowerCase.charAt(i)) {
          return false;
        }
      }
      return true;
    }

    private static boolean isBlank(byte c) {
      return c == ' ' || c == '\t';
    }

    private static boolean isOfText(byte c) {
      return (c >= ' ' && c < 0x7f) || c == '\t';
    }

    private static boolean isOfToken(byte c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    }
  }
}
