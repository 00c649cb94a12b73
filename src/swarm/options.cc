// SPDX-License-Identifier: Apache-2.0
#include "swarm/options.h"

#include <string_view>

#include "swarm/address.h"

namespace backhaul::swarmd {

namespace {

// "--name=value" and "--name value".
bool takes(const std::vector<std::string>& words, std::size_t& at, std::string_view name, std::string& value) {
  const std::string& word = words[at];
  if (word == name && at + 1 < words.size()) {
    value = words[++at];
    return true;
  }
  if (!word.starts_with(name) || word.size() <= name.size() || word[name.size()] != '=') return false;
  value = word.substr(name.size() + 1);
  return true;
}

std::string obstacle_to_publish(const Options& options) {
  if (options.url.empty()) return "--url says where the file is going to be, and is missing";
  if (options.output == "-" && options.json) return "-o - leaves no room for --json on standard output";
  const std::string_view why = obstacle_to_web_seed(options.url);
  return why.empty() ? std::string() : options.url + " " + std::string(why);
}

}  // namespace

std::expected<Options, std::string> parse_options(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--help" || word == "-h") options.mode = Options::Mode::help;
    else if (word == "--version" || word == "-V") options.mode = Options::Mode::version;
    else if (word == "--system") options.system = true;
    else if (word == "--json") options.json = true;
    else if (takes(words, at, "--publish", options.file)) options.mode = Options::Mode::publish;
    else if (takes(words, at, "--url", options.url) || takes(words, at, "--output", options.output) ||
             takes(words, at, "--tracker", options.tracker))
      continue;
    else
      return std::unexpected("what does " + word + " mean? See backhaul-swarm --help");
  }
  if (options.mode == Options::Mode::publish)
    if (std::string why = obstacle_to_publish(options); !why.empty()) return std::unexpected(std::move(why));
  return options;
}

std::string help_text() {
  return "Usage: backhaul-swarm [--system]\n"
         "       backhaul-swarm --publish FILE --url URL [--output FILE] [--tracker URL]\n\n"
         "Exchanges the pieces of files that have a torrent, for the transfer service; started by the bus.\n\n"
         "  --system       on the bus of the machine, for the service of its account\n"
         "  --publish FILE write a torrent of a file, and say what the web server has to tell\n"
         "  --url URL      where the file is going to be\n"
         "  --output FILE  where to write the torrent (FILE.torrent); a directory: into it; -: to standard output\n"
         "  --tracker URL  a tracker to name in it\n"
         "  --json         say it for machines\n";
}

}  // namespace backhaul::swarmd
