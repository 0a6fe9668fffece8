package io.openneg.healthservice.probe;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.openneg.healthservice.target.ProbeRecipe;
import org.jspecify.annotations.Nullable;

/** GET, and an answer of status 200, as {@link HttpConversation} in HTTP/2. */
final class Http2Get implements Http2Exchange {
  private final ProbeRecipe.Http recipe;
  private final ExpectedBody body;

  Http2Get(ProbeRecipe.Http recipe) {
    this.recipe = recipe;
    this.body = new ExpectedBody(recipe.response());
  }

  @Override
  public Http2Headers request(String host) {
    return new DefaultHttp2Headers()
        .method("GET")
        .scheme("https")
        .authority(recipe.host().isEmpty() ? host : recipe.host())
        .path(recipe.path())
        .set("user-agent", HttpConversation.USER_AGENT)
        .set("accept", "*/*");
  }

  @Override
  public @Nullable ProbeEnd headers(Http2Headers headers, boolean last) {
    CharSequence status = headers.status();
    if (status != null) {
      int code = Integer.parseInt(status.toString());
      if (HttpStatusClass.valueOf(code) == HttpStatusClass.INFORMATIONAL) {
        return null;
      }
      if (!HttpStatus.passes(code)) {
        return HttpStatus.failure(code, headers.get("location"));
      }
    }
    return last ? body.judge() : null;
  }

  @Override
  public @Nullable ProbeEnd data(ByteBuf bytes, boolean last) {
    body.read(bytes);
    return last || body.isFull() ? body.judge() : null;
  }
}
