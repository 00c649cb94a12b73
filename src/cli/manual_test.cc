// SPDX-License-Identifier: Apache-2.0
// The manual is kept by hand, and held against the table that the command is made of.
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "cli/verbs.h"

namespace backhaul::cli {
namespace {

// The page as text: no font changes, no escaped hyphens.
std::string manual() {
  std::ifstream file(BACKHAUL_MANUAL);
  std::string raw(std::istreambuf_iterator<char>(file), {});
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw.compare(i, 2, "\\f") == 0) i += 2;
    else if (raw.compare(i, 2, "\\-") == 0) text += '-', ++i;
    else text += raw[i];
  }
  return text;
}

std::string section(const std::string& text, const std::string& name) {
  const std::size_t begin = text.find(".SH " + name + "\n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find("\n.SH ", begin + 1) - begin);
}

// "word" not as a part of a longer word.
bool mentions(const std::string& text, const std::string& word) {
  const auto inner = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; };
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const bool left = at == 0 || !inner(text[at - 1]);
    const std::size_t end = at + word.size();
    if (left && (end == text.size() || !inner(text[end]))) return true;
  }
  return false;
}

TEST(ManualTest, EveryVerbHasItsEntry) {
  const std::string verbs = section(manual(), "VERBS");
  ASSERT_FALSE(verbs.empty());
  for (const VerbRow& verb : verb_rows())
    EXPECT_TRUE(verb.hidden || mentions(verbs, std::string(verb.name))) << verb.name;
}

TEST(ManualTest, EveryOptionHasItsEntryWithItsLetter) {
  const std::string options = section(manual(), "OPTIONS");
  ASSERT_FALSE(options.empty());
  for (const OptionRow& option : option_rows()) {
    std::string head = "--" + std::string(option.name);
    if (option.letter != 0) head = std::string("\n-") + option.letter + ", " + head;
    else head = "\n" + head;
    EXPECT_NE(options.find(head), std::string::npos) << head;
  }
}

TEST(ManualTest, NoOptionIsInventedAndEveryKeyIsThere) {
  const std::string text = manual();
  std::set<std::string> known;
  for (const OptionRow& option : option_rows()) known.insert(std::string(option.name));
  for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at + 2)) {
    std::size_t end = at + 2;
    while (end < text.size() && (std::islower(static_cast<unsigned char>(text[end])) || text[end] == '-')) ++end;
    const std::string name = text.substr(at + 2, end - at - 2);
    EXPECT_TRUE(name.empty() || known.contains(name)) << "--" << name;
  }
  const std::string keys = section(text, "KEYS");
  for (const KeyRow& key : key_rows()) EXPECT_TRUE(mentions(keys, std::string(key.name))) << key.name;
}

// A key that is only mentioned in the text of another one is found by nobody.
TEST(ManualTest, EveryKeyBeginsAnEntry) {
  std::istringstream keys(section(manual(), "KEYS"));
  std::string heads;
  for (std::string before, line; std::getline(keys, line); before = line)
    if (before == ".TP") heads += line + "\n";
  for (const KeyRow& key : key_rows()) EXPECT_TRUE(mentions(heads, std::string(key.name))) << key.name;
}

}  // namespace
}  // namespace backhaul::cli
