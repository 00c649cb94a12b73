// SPDX-License-Identifier: Apache-2.0
#include "base/code.h"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace backhaul::base {
namespace {

struct Row {
  std::string_view symbol;
  Code code;
  std::string_view text;
};

constexpr Row rows[] = {
#define X(symbol, value, text) {#symbol, Code::symbol, text},
#include "base/codes.def"
#undef X
};

const Row* find(Code code) {
  for (const Row& row : rows)
    if (row.code == code) return &row;
  return nullptr;
}

std::string hex8(Code code) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", to_number(code));
  return text;
}

std::string_view http_reason(unsigned status) {
  switch (status) {
    case 203: return "information of somebody else";
    case 204: return "no content";
    case 205: return "reset the content";
    case 300: return "several choices";
    case 301: return "moved permanently";
    case 302: return "moved";
    case 303: return "see another address";
    case 304: return "not modified";
    case 305: return "use a proxy";
    case 307: return "moved temporarily";
    case 308: return "moved permanently";
    case 400: return "bad request";
    case 401: return "the server wants credentials";
    case 402: return "payment required";
    case 403: return "forbidden";
    case 404: return "not found";
    case 405: return "method not allowed";
    case 406: return "nothing acceptable";
    case 407: return "the proxy wants credentials";
    case 408: return "the server waited too long";
    case 409: return "conflict";
    case 410: return "gone";
    case 411: return "a length is required";
    case 412: return "a condition failed";
    case 413: return "the request is too large";
    case 414: return "the address is too long";
    case 415: return "the kind of content is not supported";
    case 416: return "the range is outside the file";
    case 417: return "an expectation failed";
    case 421: return "the request went to the wrong server";
    case 422: return "the content cannot be processed";
    case 423: return "locked";
    case 425: return "too early";
    case 426: return "another protocol is required";
    case 428: return "a condition is required";
    case 429: return "too many requests";
    case 431: return "the header is too large";
    case 451: return "not available for legal reasons";
    case 500: return "internal error of the server";
    case 501: return "not implemented by the server";
    case 502: return "bad gateway";
    case 503: return "the service is unavailable";
    case 504: return "the gateway waited too long";
    case 505: return "HTTP version not supported";
    case 507: return "the server is out of space";
    case 511: return "the network wants a login";
    default: return {};
  }
}

constexpr std::string_view http_prefix = "BG_E_HTTP_ERROR_";

// The statuses that the SDK has a name for (errors.md §2); every status is a code, named or not.
bool has_symbol(unsigned status) {
  return status == 100 || status == 101 || (status >= 200 && status <= 206) ||
         (status >= 300 && status <= 305) || status == 307 || (status >= 400 && status <= 417) ||
         status == 449 || (status >= 500 && status <= 505);
}

template <class Number>
std::optional<Number> number_of(std::string_view digits, int base) {
  Number number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace

std::string symbol(Code code) {
  if (const Row* row = find(code)) return std::string(row->symbol);
  if (is_http_code(code) && has_symbol(http_status(code)))
    return std::string(http_prefix) + std::to_string(http_status(code));
  return "x" + hex8(code);
}

std::optional<Code> code_from_symbol(std::string_view symbol) {
  for (const Row& row : rows)
    if (row.symbol == symbol) return row.code;
  if (symbol.starts_with(http_prefix)) {
    const auto status = number_of<unsigned>(symbol.substr(http_prefix.size()), 10);
    if (!status || !has_symbol(*status)) return std::nullopt;
    return http_code(*status);
  }
  if (symbol.size() != 9 || symbol[0] != 'x') return std::nullopt;
  const auto number = number_of<std::uint32_t>(symbol.substr(1), 16);
  if (!number) return std::nullopt;
  return static_cast<Code>(*number);
}

std::string describe(Code code) {
  if (const Row* row = find(code)) return std::string(row->text);
  if (is_http_code(code)) {
    std::string text = "The server answered HTTP " + std::to_string(http_status(code));
    if (auto reason = http_reason(http_status(code)); !reason.empty())
      text += " (" + std::string(reason) + ")";
    return text + ".";
  }
  if ((to_number(code) & 0xFFFF0000U) == 0x80070000U)
    return "System error " + std::to_string(to_number(code) & 0xFFFFU) + ".";
  return "Error 0x" + hex8(code) + ".";
}

Code code_from_errno(int error) {
  switch (error) {
    case 0: return Code::S_OK;
    case ENOENT: return Code::FILE_NOT_FOUND;
    case ENOTDIR: return Code::PATH_NOT_FOUND;
    case EACCES:
    case EPERM:
    case ELOOP: return Code::E_ACCESSDENIED;
    case EROFS: return Code::WRITE_PROTECT;
    case ENOSPC:
    case EDQUOT: return Code::DISK_FULL;
    case EFBIG: return Code::FILE_TOO_LARGE;
    case ENOMEM:
    case ENOBUFS: return Code::E_OUTOFMEMORY;
    case EMFILE:
    case ENFILE: return Code::TOO_MANY_OPEN_FILES;
    case EEXIST: return Code::ALREADY_EXISTS;
    case EBUSY:
    case ETXTBSY:
    case EISDIR: return Code::SHARING_VIOLATION;
    case EINVAL:
    case ENAMETOOLONG: return Code::E_INVALIDARG;
    case EXDEV: return Code::BG_E_VOLUME_CHANGED;
    case EIO: return Code::WRITE_FAULT;
    default: return Code::E_FAIL;
  }
}

}  // namespace backhaul::base
