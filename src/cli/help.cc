// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <algorithm>

#include "cli/text.h"

namespace backhaul::cli {
namespace {

// Fills `text` into lines of `columns`, each behind `indent` spaces.
std::string wrap(std::string_view text, std::size_t indent, std::size_t columns) {
  const std::size_t room = std::max<std::size_t>(columns, indent + 20) - indent;
  std::string out;
  std::string line;
  const auto flush = [&] {
    if (line.empty()) return;
    out += std::string(indent, ' ') + line + '\n';
    line.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (!line.empty() && display_width(line) + 1 + display_width(word) > room) flush();
    if (!line.empty()) line += ' ';
    line += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  flush();
  return out;
}

// "  left      right, wrapped under itself"
std::string entry(const std::string& left, std::string_view right, std::size_t width,
                  std::size_t columns) {
  std::string body = wrap(right, width + 4, columns);
  if (display_width(left) > width) return "  " + left + '\n' + body;
  return "  " + pad(left, width) + "  " + body.substr(std::min(width + 4, body.size()));
}

std::string option_head(const OptionRow& row) {
  std::string head = row.letter != 0 ? std::string("-") + row.letter + ", " : "    ";
  head += "--" + std::string(row.name);
  if (!row.argument.empty()) head += (row.id == Opt::exec ? " " : "=") + std::string(row.argument);
  return head;
}

std::string option_list(std::span<const Opt> options, std::size_t columns) {
  std::string out;
  for (Opt option : options) out += entry(option_head(row(option)), row(option).help, 28, columns);
  return out;
}

std::string page(const VerbRow& verb, std::size_t columns) {
  std::string out = "Usage: backhaul " + std::string(verb.name);
  if (!verb.options.empty()) out += " [options]";
  if (!verb.arguments.empty()) out += " " + std::string(verb.arguments);
  std::string summary(verb.summary);
  summary[0] = static_cast<char>(summary[0] - 'a' + 'A');
  out += "\n\n" + wrap(summary + ".", 0, columns);
  if (!verb.details.empty()) out += "\n" + wrap(verb.details, 0, columns);
  if (!verb.options.empty()) out += "\nOptions:\n" + option_list(verb.options, columns);
  if (verb.operand == Operand::pair) {
    out += "\nKeys:\n";
    for (const KeyRow& key : key_rows())
      out += entry(std::string(key.name) + (verb.id == Verb::set ? "=" + std::string(key.value) : ""),
                   key.help, 28, columns);
  }
  return out;
}

}  // namespace

std::string help_overview(std::size_t columns) {
  std::string out =
      "Usage: backhaul VERB [options] [arguments]\n\n"
      "Transfers files in the background, over restarts and bad networks.\n\nVerbs:\n";
  for (const VerbRow& verb : verb_rows()) {
    if (verb.hidden) continue;
    std::string head(verb.name);
    if (!verb.arguments.empty()) head += " " + std::string(verb.arguments);
    out += entry(head, verb.summary, 24, columns);
  }
  out += "\nOptions of every verb:\n" + option_list(global_options(), columns);
  out += "\n\"backhaul help VERB\" tells more about a verb, \"man backhaul\" about all of it.\n";
  return out;
}

std::string help_group(std::string_view group, std::size_t columns) {
  std::string list;
  std::string pages;
  for (const VerbRow& verb : verb_rows()) {
    if (!verb.name.starts_with(std::string(group) + " ")) continue;
    list += entry(std::string(verb.name) + (verb.arguments.empty() ? "" : " ") + std::string(verb.arguments),
                  verb.summary, 28, columns);
    pages += "\n" + page(verb, columns);
  }
  if (list.empty()) return {};
  return "Usage: backhaul " + std::string(group) + " VERB [options] [arguments]\n\nVerbs:\n" + list + pages +
         "\nOptions of every verb:\n" + option_list(global_options(), columns);
}

std::string help_verb(const VerbRow& verb, std::size_t columns) {
  return page(verb, columns) + "\nOptions of every verb:\n" + option_list(global_options(), columns);
}

}  // namespace backhaul::cli
