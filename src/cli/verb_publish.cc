// SPDX-License-Identifier: Apache-2.0
// publish: a torrent of a file. What makes it is a program of its own, because its library is large and not everywhere.
#include <backhaul/client.h>
#include <backhaul/codes.h>
#include <spawn.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "cli/app.h"

extern char** environ;

namespace backhaul::cli {
namespace {

constexpr const char* swarm_program_name = "backhaul-swarm";

// It lies beside the service.
std::string swarm_program() {
  const std::string service = service_program();
  return service.empty() ? std::string() : service.substr(0, service.rfind('/') + 1) + swarm_program_name;
}

// Its standard streams are ours: it says all there is to say. The exit status; negative: it could not be run, or was
// killed.
int run_program(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawn(&child, argv[0], nullptr, nullptr, argv.data(), environ) != 0) return -1;
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Exit run_publish(App& app) {
  const Arguments& arguments = app.arguments();
  const std::string& file = arguments.operands[0];
  const std::string* url = arguments.find(Opt::url);
  if (url == nullptr) return app.misuse("publish needs --url, the address at which the file is going to be");
  const std::string program = swarm_program();
  if (program.empty() || access(program.c_str(), X_OK) != 0)
    return app.fail("the torrent of " + file,
                    Error(code::e_fail, std::string(swarm_program_name) + " is not installed"),
                    "it is built where libtorrent-rasterbar is, and may be a package of its own");
  std::vector<std::string> words{program, "--publish", file, "--url", *url};
  if (const std::string* output = arguments.find(Opt::output)) words.insert(words.end(), {"--output", *output});
  if (const std::string* tracker = arguments.find(Opt::tracker)) words.insert(words.end(), {"--tracker", *tracker});
  if (app.json()) words.emplace_back("--json");
  switch (run_program(std::move(words))) {
    case EX_OK: return Exit::done;
    case EX_USAGE: return Exit::usage;
    case -1: return app.fail("the torrent of " + file, Error(code::e_fail, program + " could not be run"));
    default: return Exit::failed;
  }
}

}  // namespace backhaul::cli
