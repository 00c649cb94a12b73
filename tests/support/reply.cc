// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reply.h"

#include <algorithm>
#include <string_view>

namespace backhaul::test {
namespace {

std::string reason(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 206: return "Partial Content";
    case 416: return "Range Not Satisfiable";
    default: return "As Told";
  }
}

Reply refusal(unsigned status, std::string text) {
  if (status == 204 || status == 304) text.clear();  // nobody would read it
  Reply reply{.status = status, .text = std::move(text)};
  reply.length = reply.text.size();
  return reply;
}

bool changed(const SeenRequest& request, const Behaviour& b) {
  const std::string version = request.field("if-range");
  return b.if_range && !version.empty() && version != b.last_modified && version != b.etag;
}

}  // namespace

Reply make_reply(const SeenRequest& request, const Behaviour& b) {
  if (b.status != 0) {
    return refusal(b.status, "this is status " + std::to_string(b.status) + ", not a file\n");
  }
  if (!request.range_begin || !b.ranges || changed(request, b)) return {.length = b.size};
  if (b.range_status != 0) return refusal(b.range_status, "no ranges here\n");
  if (b.rest_is_whole)
    return {.begin = *request.range_begin, .length = b.size - *request.range_begin};
  const std::string total = std::to_string(b.claimed_total.value_or(b.size));
  if (b.refuse_range || *request.range_begin >= b.size) {
    Reply reply = refusal(416, "out of range\n");
    reply.content_range = "bytes */" + total;
    return reply;
  }
  Reply reply{.status = 206};
  reply.begin = *request.range_begin + static_cast<std::uint64_t>(b.range_shift);
  const std::uint64_t last = std::min(request.range_last.value_or(b.size - 1), b.size - 1);
  reply.length = std::min(last + 1 - reply.begin, b.range_max.value_or(UINT64_MAX));
  reply.content_range = "bytes " + std::to_string(reply.begin) + '-' +
                        std::to_string(reply.begin + reply.length - 1) + '/' + total;
  return reply;
}

std::string reply_head(const Reply& reply, const Behaviour& b) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + ' ' + reason(reply.status);
  head += "\r\n";
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) head.append(name).append(": ").append(value).append("\r\n");
  };
  if (reply.status == 200 || reply.status == 206) {
    add("Last-Modified", b.last_modified);
    add("ETag", b.etag);
    add("Content-Encoding", b.content_encoding);
  }
  add("Accept-Ranges", b.accept_ranges && b.ranges ? "bytes" : "");
  add("Content-Range", reply.content_range);
  add("Location", b.location);
  add("Retry-After", b.retry_after);
  add("Set-Cookie", b.set_cookie);
  add("Transfer-Encoding", b.chunked ? "chunked" : "");
  add("Content-Length", b.length && !b.chunked ? std::to_string(reply.length) : "");
  add("Connection", b.close || !(b.length || b.chunked) ? "close" : "");
  return head + "\r\n";
}

}  // namespace backhaul::test
