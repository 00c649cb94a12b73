// SPDX-License-Identifier: Apache-2.0
// Writes JSON (RFC 8259) as a stream of calls; commas are its business. Text that is not UTF-8 is
// written with U+FFFD in place of what is broken, so that the output can always be parsed.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace backhaul::cli {

class Json {
 public:
  Json& object() { return open('{'); }
  Json& array() { return open('['); }
  Json& end_object() { return close('}'); }
  Json& end_array() { return close(']'); }
  Json& key(std::string_view name);
  Json& value(std::string_view text);
  Json& value(const char* text) { return value(std::string_view(text)); }
  Json& value(bool yes) { return raw(yes ? "true" : "false"); }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  Json& value(Number number) {
    return raw(std::to_string(number));
  }
  Json& null() { return raw("null"); }
  Json& literal(std::string_view json) { return raw(json); }  // what another Json wrote
  const std::string& text() const { return text_; }

 private:
  Json& open(char bracket);
  Json& close(char bracket);
  Json& raw(std::string_view text);
  void separate();
  void quote(std::string_view text);

  std::string text_;
  bool first_ = true;  // of its object or array, or right behind its key
};

}  // namespace backhaul::cli
