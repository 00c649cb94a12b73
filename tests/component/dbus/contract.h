// SPDX-License-Identifier: Apache-2.0
// What bus/*.xml says, in a form that can be compared.
#pragma once

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "tests/support/temp_dir.h"

namespace backhaul::test {

// "method Enqueue(job:a{sv}, …) -> …", "property State u read", one line for each member.
using Interface = std::set<std::string>;

inline std::string attribute(const std::string& tag, const std::string& name) {
  std::smatch match;
  return std::regex_search(tag, match, std::regex("\\b" + name + "=\"([^\"]*)\"")) ? match[1].str()
                                                                                  : std::string();
}

// Enough of XML for interface descriptions: tags one after another, comments and documentation
// dropped, which are long for a regular expression.
inline std::map<std::string, Interface> parse(std::string text) {
  for (const auto& [open, close] :
       {std::pair<std::string, std::string>{"<!--", "-->"},
        {"<annotation name=\"org.gtk.GDBus.DocString\"", "\"/>"}})
    for (std::size_t begin; (begin = text.find(open)) != std::string::npos;)
      text.erase(begin, text.find(close, begin) + close.size() - begin);
  std::map<std::string, Interface> interfaces;
  std::string interface;
  std::string member;
  std::string emits;  // of the member, else of its interface: whether a property tells its changes
  std::string interface_emits;
  const std::regex tag_pattern("<(/?)([a-z]+)([^>]*?)(/?)>");
  for (std::sregex_iterator it(text.begin(), text.end(), tag_pattern), end; it != end; ++it) {
    const std::string name = (*it)[2];
    const std::string rest = (*it)[3];
    const bool opens = (*it)[1].str().empty();
    const bool closes = !opens || !(*it)[4].str().empty();
    if (name == "interface" && opens) {
      interface = attribute(rest, "name");
      interfaces[interface];
      interface_emits = "true";
      member.clear();
    }
    if (name == "annotation" && rest.find("EmitsChangedSignal") != std::string::npos)
      (member.empty() ? interface_emits : emits) = attribute(rest, "value");
    if (name == "method" || name == "signal" || name == "property") {
      if (opens) {
        member = name + " " + attribute(rest, "name");
        emits = interface_emits;
      }
      if (opens && name == "property")
        member += " " + attribute(rest, "type") + " " + attribute(rest, "access");
      if (closes && name == "property") member += " emits " + emits;
      if (closes) interfaces[interface].insert(std::exchange(member, {}));
    }
    if (name == "arg") {
      const std::string direction = attribute(rest, "direction");
      member += (direction == "out" ? " ->" : " ") + attribute(rest, "name") + ":" +
                attribute(rest, "type");
    }
  }
  return interfaces;
}

// Of each property what its annotation says about its changes.
inline std::map<std::string, std::string> emissions(const Interface& interface) {
  std::map<std::string, std::string> result;
  for (const std::string& line : interface) {
    std::istringstream words(line);
    std::string kind, name, type, access, emits, how;
    words >> kind >> name >> type >> access >> emits >> how;
    if (kind == "property") result[name] = how;
  }
  return result;
}

inline Interface contract(const std::string& interface) {
  return parse(read_file(std::string(BACKHAUL_CONTRACT) + "/" + interface + ".xml"))[interface];
}

}  // namespace backhaul::test
