// SPDX-License-Identifier: Apache-2.0
// The helper of an owner, and with "--launcher UID [ROOT]" what starts helpers, as the service has them. The socket is the
// standard input.
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "adapters/posix/file_helper.h"
#include "adapters/posix/helper_launcher.h"

int main(int argc, char** argv) {
  using namespace backhaul::posix;
  if (argc > 2 && std::string_view(argv[1]) == "--launcher")
    return run_launcher(STDIN_FILENO, {.service = static_cast<uid_t>(std::atoi(argv[2])),
                                       .helper = {"/proc/self/exe", "--started"},
                                       .roots = {argv + 3, argv + argc}});
  const bool started = argc > 1 && std::string_view(argv[1]) == "--started";
  OwnerRules rules{.umask = started || argc < 2 ? umask(0) : static_cast<mode_t>(std::atoi(argv[1])),
                   .only_beneath = started && geteuid() == 0};
  if (const passwd* const account = getpwuid(geteuid()); started && account != nullptr) rules.home = account->pw_dir;
  for (int i = 2; i < argc; ++i) {
    const std::string_view word(argv[i]);
    if (word == remains_switch) rules.deletes_parts_alone = true;
    if (word.starts_with(beneath_switch)) rules.roots.emplace_back(word.substr(std::string_view(beneath_switch).size()));
  }
  // Started with a limit of its own it ends when nothing is asked of it.
  const bool ends_soon = argc > 2 && std::string_view(argv[2]) == "--ends-soon";
  return run_file_helper(STDIN_FILENO, std::move(rules),
                         ends_soon ? std::chrono::milliseconds(1) : helper_idle_limit);
}
