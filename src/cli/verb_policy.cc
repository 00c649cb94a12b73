// SPDX-License-Identifier: Apache-2.0
// policy: what is laid down, what is wrong in a file of it, and having it read again.
#include <backhaul/codes.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "cli/app.h"
#include "cli/policy_view.h"

extern char** environ;

namespace backhaul::cli {
namespace {

struct Ran {
  std::string output;
  int status = 0;
};

// Its standard output; unset: it could not be run.
std::optional<Ran> output_of(const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int problem = posix_spawn(&child, words[0].c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  Ran ran;
  std::array<char, 4096> piece{};
  while (problem == 0) {
    const ssize_t got = read(ends[0], piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    ran.output.append(piece.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  if (problem != 0) return std::nullopt;
  while (waitpid(child, &ran.status, 0) < 0)
    if (errno != EINTR) return std::nullopt;
  return ran;
}

// By the program that would read it, whether it runs or not: a file that keeps it from starting is looked at too.
Exit check(App& app, const std::string& file) {
  const std::string program = service_program();
  if (program.empty()) return app.fail("the check of " + file, Error(code::e_fail, "libexec/backhaul/backhauld is not beside this program"));
  std::vector<std::string> words{program};
  if (app.arguments().has(Opt::system)) words.emplace_back("--system");
  words.insert(words.end(), {"--check-settings", file});
  const auto ran = output_of(words);
  constexpr int usual = 0, faulty = 78;
  const int code = ran && WIFEXITED(ran->status) ? WEXITSTATUS(ran->status) : -1;
  if (code != usual && code != faulty)  // it said why
    return code < 0 ? app.fail("the check of " + file, Error(code::e_fail, program + " could not be run")) : Exit::failed;
  const std::vector<SettingsFinding> findings = findings_of(ran->output, file);
  if (app.json()) {
    Json json;
    write_findings(json, findings);
    app.print(json.text() + "\n");
  } else {
    app.print(render_findings(findings, file, app.out().utf8 || !app.out().tty));
  }
  return findings.empty() ? Exit::done : Exit::failed;
}

}  // namespace

Exit run_policy(App& app) {
  if (const std::string* file = app.arguments().find(Opt::check)) return check(app, *file);
  auto client = app.client();
  if (!client) return client.error();
  if (app.arguments().has(Opt::reload)) {
    const auto read = client->reload_policy();
    return read ? Exit::done : app.fail("the settings", read.error());
  }
  const auto keys = client->policy();
  if (!keys) return app.fail("the settings", keys.error());
  if (app.json()) {
    Json json;
    write_policy(json, *keys);
    app.print(json.text() + "\n");
  } else {
    app.print(render_policy(*keys, app.style()));
  }
  return Exit::done;
}

}  // namespace backhaul::cli
