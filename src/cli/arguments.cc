// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <backhaul/client.h>

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "cli/command.h"
#include "cli/other_tools.h"
#include "cli/targets.h"

namespace backhaul::cli {
namespace {

std::string suggestion(std::string_view typed, std::span<const std::string_view> known) {
  const std::string_view word = closest(typed, known);
  return word.empty() ? "" : "; did you mean \"" + std::string(word) + "\"?";
}

bool contains(std::span<const Opt> options, Opt option) {
  return std::find(options.begin(), options.end(), option) != options.end();
}

// What an option cannot mean; empty: nothing. Texts alone may be empty.
std::string wrong_value(const OptionRow& row, const std::string& value) {
  const std::string option = "option --" + std::string(row.name);
  if (value.empty() && row.id != Opt::name && row.id != Opt::description)
    return option + " needs a value: " + std::string(row.argument);
  const auto known = values_of(row);
  if (known.empty()) return {};
  const bool list = row.argument.ends_with(",…");
  for (const std::string& word : list ? split_list(value) : std::vector{value}) {
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    std::string text = "\"" + shown_url(word) + "\" is no value of --" + std::string(row.name) + ": ";
    for (std::size_t i = 0; i < known.size(); ++i)
      text += (i == 0 ? "" : i + 1 < known.size() ? ", " : " or ") + std::string(known[i]);
    return text + suggestion(word, known);
  }
  return {};
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string>& words) : words_(words) {}

  std::expected<Arguments, UsageError> run() {
    for (; at_ < words_.size() && error_.empty() && !result_.has(Opt::version); ++at_) word(words_[at_]);
    if (error_.empty()) finish();
    if (!error_.empty())
      return std::unexpected(UsageError{error_, verb_ == nullptr ? group_ : std::string(verb_->name)});
    return std::move(result_);
  }

 private:
  void word(const std::string& text) {
    if (only_operands_ || text.size() < 2 || text[0] != '-') return plain(text);
    if (text == "--") {
      only_operands_ = true;
      return;
    }
    if (text[1] == '-') return long_option(text.substr(2));
    short_options(text);
  }

  void plain(const std::string& text) {
    if (verb_ != nullptr) {
      result_.operands.push_back(text);
      return;
    }
    const std::string full = group_.empty() ? text : group_ + " " + text;
    for (const VerbRow& row : verb_rows()) {
      if (row.name == full) {
        verb_ = &row;
        return;
      }
      if (group_.empty() && row.name.starts_with(text + " ")) {
        group_ = text;
        return;
      }
    }
    std::vector<std::string_view> known;
    for (const VerbRow& row : verb_rows())
      if (!row.hidden) known.push_back(row.name);
    error_ = "unknown verb \"" + shown_url(full) + "\"";
    if (looks_like_url(full))
      error_ += "; to fetch it: " + Command(result_)("get URL");
    else if (const std::string advice = advice_on_verb(full); !advice.empty())
      error_ += advice;
    else
      error_ += suggestion(full, known);
  }

  void long_option(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const auto rows = option_rows();
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&](const OptionRow& r) { return r.name == name; });
    if (found == rows.end()) {
      error_ = "unknown option --" + name + advice_on_option(name);
    } else if (found->argument.empty()) {
      if (equals != std::string::npos) error_ = "option --" + name + " takes no value";
      else result_.options.emplace_back(found->id, "");
    } else if (equals != std::string::npos) {
      take(*found, text.substr(equals + 1));
    } else {
      take_next(*found, "--" + name);
    }
  }

  std::vector<std::string_view> taken_options() const {
    std::vector<std::string_view> names;
    for (const OptionRow& r : option_rows())
      if (verb_ == nullptr || contains(global_options(), r.id) || contains(verb_->options, r.id)) names.push_back(r.name);
    return names;
  }

  // An option that the verb does not take is no help. Only what is unknown may be a slip.
  std::string advice_on_option(const std::string& name, bool is_known = false) const {
    const auto names = taken_options();
    std::string word = option_meant_by(name);
    if (std::ranges::find(names, std::string_view(word).substr(0, word.find(' '))) == names.end())
      word = is_known ? std::string_view() : closest(name, names);
    return word.empty() ? "" : "; did you mean --" + word + "?";
  }

  void short_options(const std::string& text) {
    for (std::size_t i = 1; i < text.size() && error_.empty(); ++i) {
      const auto rows = option_rows();
      const auto found = std::find_if(rows.begin(), rows.end(), [&](const OptionRow& r) {
        return r.letter != 0 && r.letter == text[i];
      });
      if (found == rows.end()) {
        error_ = std::string("unknown option -") + text[i];
      } else if (found->argument.empty()) {
        result_.options.emplace_back(found->id, "");
      } else {
        if (i + 1 < text.size()) take(*found, text.substr(i + 1));
        else take_next(*found, std::string("-") + text[i]);
        return;
      }
    }
  }

  // A value that was forgotten must not swallow the word behind it.
  void take_next(const OptionRow& row, const std::string& shown) {
    const std::string missing = "option " + shown + " needs a value: " + std::string(row.argument);
    if (at_ + 1 >= words_.size()) {
      error_ = missing;
      return;
    }
    const std::string& next = words_[at_ + 1];
    const std::string as_value = "--" + std::string(row.name) + "=" + shown_url(next);
    if (row.id != Opt::exec && next.size() > 1 && next.starts_with('-'))
      error_ = missing + "; \"" + shown_url(next) + "\" is an option (as the value: " + as_value + ")";
    else if (verb_ == nullptr && group_.empty() && begins_verb(next))
      error_ = missing + "; \"" + next + "\" is a verb (as the value: " + as_value + ")";
    else
      take(row, words_[++at_]);
  }

  void take(const OptionRow& row, std::string value) {
    if (const std::string wrong = wrong_value(row, value); !wrong.empty()) {
      error_ = wrong;
      return;
    }
    if (row.id == Opt::exec) {  // the words of a program are not ours to look at
      result_.exec.push_back(std::move(value));
      result_.exec.insert(result_.exec.end(), words_.begin() + static_cast<std::ptrdiff_t>(at_) + 1,
                          words_.end());
      at_ = words_.size();
      value.clear();
    }
    result_.options.emplace_back(row.id, std::move(value));
  }

  void finish() {
    if (result_.has(Opt::version)) {
      result_.verb = Verb::version;
      return;
    }
    if (verb_ == nullptr) {
      if (!group_.empty()) {
        if (result_.has(Opt::help)) {
          result_.operands = {group_};
          return;
        }
        error_ = "\"" + group_ + "\" needs a second word: ";
        const char* comma = "";
        for (const VerbRow& r : verb_rows()) {
          if (!r.name.starts_with(group_ + " ")) continue;
          error_ += comma + std::string(r.name.substr(group_.size() + 1));
          comma = ", ";
        }
        return;
      }
      return;  // help
    }
    result_.verb = verb_->id;
    if (result_.has(Opt::help)) return;
    for (const auto& [option, value] : result_.options) {
      if (contains(global_options(), option) || contains(verb_->options, option)) continue;
      const std::string name(row(option).name);
      error_ = "option --" + name + " does not go with \"" + std::string(verb_->name) + "\"" + advice_on_option(name, true);
      return;
    }
    check_operands();
  }

  void check_operands() {
    const std::size_t count = result_.operands.size();
    if (count < verb_->least) {
      error_ = "\"" + std::string(verb_->name) + "\" needs " + std::string(verb_->arguments);
    } else if (verb_->most != 0 ? count > verb_->most : count > 0 && verb_->operand == Operand::none) {
      error_ = "\"" + std::string(verb_->name) + "\" does not take \"" +
               shown_url(result_.operands[verb_->most]) + "\"";
    }
  }

  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  bool only_operands_ = false;
  std::string group_;  // first half of a verb of two words
  const VerbRow* verb_ = nullptr;
  Arguments result_;
  std::string error_;
};

// How many slips lie between two words; two letters that changed places are one.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> line(b.size() + 1);
  std::iota(line.begin(), line.end(), std::size_t{0});
  std::vector<std::size_t> above;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::vector<std::size_t> two_above = std::exchange(above, line);
    line[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      line[j + 1] = std::min({above[j] + (a[i] == b[j] ? 0 : 1), line[j] + 1, above[j + 1] + 1});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
        line[j + 1] = std::min(line[j + 1], two_above[j - 1] + 1);
    }
  }
  return line.back();
}

}  // namespace

bool Arguments::has(Opt option) const { return find(option) != nullptr; }

const std::string* Arguments::find(Opt option) const {
  const auto found = std::find_if(options.rbegin(), options.rend(),
                                  [&](const auto& o) { return o.first == option; });
  return found == options.rend() ? nullptr : &found->second;
}

std::vector<std::string> Arguments::all(Opt option) const {
  std::vector<std::string> values;
  for (const auto& [id, value] : options)
    if (id == option) values.push_back(value);
  return values;
}

std::expected<Arguments, UsageError> parse_arguments(const std::vector<std::string>& words) {
  return Parser(words).run();
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string_view closest(std::string_view typed, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t least = typed.size() / 3 + 2;
  for (std::string_view word : known) {
    if (typed.size() > 1 && word.starts_with(typed)) return word;
    const std::size_t d = distance(typed, word);
    if (d < least) {
      least = d;
      best = word;
    }
  }
  return best;
}

}  // namespace backhaul::cli
