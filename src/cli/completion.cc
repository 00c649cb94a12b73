// SPDX-License-Identifier: Apache-2.0
// Completion scripts. They know the table; only ids of jobs are asked for when they are needed.
#include <string>
#include <vector>

#include "cli/help.h"

namespace backhaul::cli {
namespace {

std::string words_of(std::span<const Opt> options) {
  std::string out;
  for (Opt option : options) {
    const OptionRow& r = row(option);
    out += " --" + std::string(r.name) + (r.argument.empty() || option == Opt::exec ? "" : "=");
    if (r.letter != 0) out += std::string(" -") + r.letter;
  }
  return out;
}

std::string first_words() {
  std::string out;
  for (const VerbRow& verb : verb_rows()) {
    const std::string word(verb.name.substr(0, verb.name.find(' ')));
    if (!verb.hidden && (out + " ").find(" " + word + " ") == std::string::npos) out += " " + word;
  }
  return out;
}

// Within single quotes of a shell.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out;
}

// The first words of verbs that have two.
std::vector<std::string> groups() {
  std::vector<std::string> found;
  for (const VerbRow& verb : verb_rows()) {
    const std::size_t space = verb.name.find(' ');
    const std::string group(verb.name.substr(0, space));
    if (space != std::string_view::npos && (found.empty() || found.back() != group)) found.push_back(group);
  }
  return found;
}

// "(class|cache)", as a pattern of either shell.
std::string any_group() {
  std::string out;
  for (const std::string& group : groups()) out += (out.empty() ? "" : "|") + group;
  return "(" + out + ")";
}

std::string second_words(std::string_view group) {
  std::string out;
  for (const VerbRow& verb : verb_rows())
    if (verb.name.starts_with(std::string(group) + " "))
      out += " " + std::string(verb.name.substr(group.size() + 1));
  return out;
}

std::string operand_words(const VerbRow& verb) {
  switch (verb.operand) {
    case Operand::job:
    case Operand::jobs: return "$(backhaul complete-jobs 2>/dev/null | cut -f1) @last";
    case Operand::pair: {
      std::string out = "$(backhaul complete-jobs 2>/dev/null | cut -f1) @last";
      for (const KeyRow& key : key_rows())
        out += " " + std::string(key.name) + (verb.id == Verb::set ? "=" : "");
      return out;
    }
    case Operand::verb: return first_words();
    case Operand::shell: return "bash zsh";
    default: return "";
  }
}

}  // namespace

std::string bash_completion() {
  std::string out =
      "# bash completion for backhaul; made by \"backhaul completion bash\".\n"
      "_backhaul() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= i w\n"
      "  [[ $cur == = ]] && { prev=${COMP_WORDS[COMP_CWORD-1]}; cur=; }\n"
      "  [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    w=${COMP_WORDS[i]}\n"
      "    [[ $w == -* || $w == = || -z $w ]] && continue\n"
      "    if [[ -z $verb ]]; then verb=$w; [[ $verb == @" + any_group() + " ]] || break\n"
      "    else verb+=\" $w\"; break; fi\n"
      "  done\n"
      "  COMPREPLY=()\n"
      "  case $prev in\n";
  for (const OptionRow& option : option_rows()) {
    if (option.words.empty()) continue;
    std::string pattern = "--" + std::string(option.name);
    if (option.letter != 0) pattern += std::string("|-") + option.letter;
    std::string reply = "compgen -W '" + std::string(option.words) + "' -- \"$cur\"";
    if (option.words == "@file") reply = "compgen -f -- \"$cur\"";
    if (option.words == "@dir") reply = "compgen -d -- \"$cur\"";
    out += "    " + pattern + ") COMPREPLY=($(" + reply + ")); return;;\n";
  }
  out += "  esac\n  local global='" + words_of(global_options()) + "' words=\n  case $verb in\n";
  out += "    '') words='" + first_words() + "';;\n";
  for (const std::string& group : groups()) out += "    " + group + ") words='" + second_words(group) + "';;\n";
  for (const VerbRow& verb : verb_rows()) {
    if (verb.hidden) continue;
    out += "    '" + std::string(verb.name) + "') if [[ $cur == -* ]]; then words='" +
           words_of(verb.options) + "'; else words=\"" + operand_words(verb) + "\"; fi;;\n";
  }
  out +=
      "  esac\n"
      "  [[ $cur == -* ]] && words+=\" $global\"\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "  [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n"
      "}\n"
      "complete -o default -F _backhaul backhaul\n";
  return out;
}

std::string zsh_completion() {
  std::string out =
      "#compdef backhaul\n"
      "# zsh completion for backhaul; made by \"backhaul completion zsh\".\n"
      "_backhaul_jobs() {\n"
      "  local -a jobs\n"
      "  jobs=(${(f)\"$(backhaul complete-jobs 2>/dev/null | sed -e 's/:/\\\\:/g' -e 's/\\t/:/')\"})\n"
      "  _describe -t jobs job jobs\n"
      "  compadd @last\n"
      "}\n"
      "_backhaul() {\n"
      "  local -a verbs  # not 'words': that is the command line\n"
      "  local verb= w\n"
      "  for w in ${(@)words[2,CURRENT-1]}; do\n"
      "    [[ $w == -* ]] && continue\n"
      "    if [[ -z $verb ]]; then verb=$w; [[ $verb == " + any_group() + " ]] || break\n"
      "    else verb+=\" $w\"; break; fi\n"
      "  done\n";
  out += "  case $verb in\n    '') verbs=(\n";
  for (const VerbRow& verb : verb_rows())
    if (!verb.hidden && verb.name.find(' ') == std::string_view::npos)
      out += "      '" + std::string(verb.name) + ":" + quoted(verb.summary) + "'\n";
  for (const std::string& group : groups())
    out += "      '" + group + ":" + (group == "class" ? "programs for callback classes" : second_words(group).substr(1)) + "'\n";
  out += "    )\n    _describe -t verbs verb verbs;;\n";
  for (const std::string& group : groups()) out += "    " + group + ") compadd" + second_words(group) + ";;\n";
  for (const VerbRow& verb : verb_rows()) {
    if (verb.hidden) continue;
    out += "    '" + std::string(verb.name) + "')\n      if [[ $PREFIX == -* ]]; then compadd --" +
           words_of(verb.options) + words_of(global_options()) + "\n      else ";
    switch (verb.operand) {
      case Operand::job:
      case Operand::jobs: out += "_backhaul_jobs"; break;
      case Operand::pair: {
        out += "_backhaul_jobs; compadd -S ''";
        for (const KeyRow& key : key_rows())
          out += " " + std::string(key.name) + (verb.id == Verb::set ? "=" : "");
        break;
      }
      case Operand::verb: out += "compadd" + first_words(); break;
      case Operand::shell: out += "compadd bash zsh"; break;
      default: out += "_files"; break;
    }
    out += "; fi;;\n";
  }
  out += "  esac\n}\n_backhaul \"$@\"\n";
  return out;
}

}  // namespace backhaul::cli
