// SPDX-License-Identifier: Apache-2.0
// How errors are told, to people and to programs; declared in view.h.
#include <backhaul/codes.h>

#include "cli/text.h"
#include "cli/view.h"

namespace backhaul::cli {
namespace {

// "too many requests"; empty for a status that says no more than its number.
std::string reason_of(std::uint32_t code) {
  const std::string text = code_text(code);
  const std::size_t open = text.find('(');
  return open == std::string::npos ? "" : text.substr(open + 1, text.find(')') - open - 1);
}

}  // namespace

std::string symbol_of(std::uint32_t code) {
  if (code == code::s_ok) return {};
  // The SDK names some HTTP statuses only; the others follow its pattern, so that all look alike.
  if (is_http_code(code)) return "BG_E_HTTP_ERROR_" + std::to_string(http_status(code));
  const std::string symbol = code_symbol(code);
  return symbol.starts_with('x') ? "" : symbol;
}

Json error_json(const ErrorInfo& error) {
  if (error.code == code::s_ok) return Json().null();
  const std::string symbol = symbol_of(error.code);
  Json json;
  json.object().key("code").value(format_code(error.code));
  json.key("symbol").literal(symbol.empty() ? Json().null().text() : Json().value(symbol).text());
  json.key("context").value(to_word(error.context)).key("file");
  if (error.file == no_file) json.null();
  else json.value(error.file);
  json.key("text").value(error.text.empty() ? code_text(error.code) : error.text).end_object();
  return json;
}

std::string name_of_code(std::uint32_t code) {
  const std::string symbol = symbol_of(code);
  return symbol.empty() ? format_code(code) : symbol + " " + format_code(code);
}

std::string sentence_of(std::uint32_t code, const std::string& text) {
  std::string sentence = text.empty() ? code_text(code) : text;
  if (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

std::string told_error(std::uint32_t code, const std::string& text) {
  const std::string sentence = sentence_of(code, text);
  const std::string reason = is_http_code(code) ? reason_of(code) : "";
  const bool said = reason.empty() || sentence.find(reason) != std::string::npos;
  return sentence + " (" + (said ? "" : reason + ", ") + name_of_code(code) + ")";
}

}  // namespace backhaul::cli
