// SPDX-License-Identifier: Apache-2.0
#include "cli/json.h"

#include <array>
#include <cstdio>

#include "cli/text.h"
#include "cli/utf8.h"

namespace backhaul::cli {

void Json::separate() {
  if (!first_) text_ += ',';
  first_ = false;
}

Json& Json::open(char bracket) {
  separate();
  text_ += bracket;
  first_ = true;
  return *this;
}

Json& Json::close(char bracket) {
  text_ += bracket;
  first_ = false;
  return *this;
}

Json& Json::key(std::string_view name) {
  separate();
  quote(name);
  text_ += ':';
  first_ = true;
  return *this;
}

Json& Json::value(std::string_view text) {
  separate();
  quote(text);
  return *this;
}

Json& Json::raw(std::string_view text) {
  separate();
  text_ += text;
  return *this;
}

void Json::quote(std::string_view text) {
  text_ += '"';
  while (!text.empty()) {
    const Glyph glyph = decode_utf8(text);
    if (!glyph.valid) {
      text_ += "\\ufffd";
    } else if (glyph.character == '"' || glyph.character == '\\') {
      text_ += '\\';
      text_ += text[0];
    } else if (is_control(glyph.character)) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", glyph.character);
      text_ += escape.data();
    } else {
      text_ += text.substr(0, glyph.length);
    }
    text.remove_prefix(glyph.length);
  }
  text_ += '"';
}

}  // namespace backhaul::cli
