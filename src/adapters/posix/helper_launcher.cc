// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/helper_launcher.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <span>

#include "adapters/posix/file_protocol.h"
#include "adapters/posix/spawn.h"
#include "adapters/posix/user_umask.h"
#include "os/packet.h"

namespace backhaul::posix {
namespace {

using Word = std::array<std::byte, sizeof(std::uint32_t)>;

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  path.copy(address.sun_path, path.size());
  return address;
}

// --- the child, on its way to be a helper ---------------------------------------------------------

// Whoever waits for the helper hears why there is none.
[[noreturn]] void give_up(std::uint32_t uid, int error) {
  std::fprintf(stderr, "backhauld: no helper for user %u: %s\n", uid, std::strerror(error));
  os::send_packet(STDIN_FILENO, encode(FileAnswer{.error = error}));
  _exit(EX_NOPERM);
}

void become(std::uint32_t uid) {
  errno = 0;
  const passwd* const account = getpwuid(uid);
  if (account == nullptr) give_up(uid, errno == 0 || errno == ENOENT ? EACCES : errno);
  umask(umask_of(account->pw_gecos == nullptr ? "" : account->pw_gecos));
  if (initgroups(account->pw_name, account->pw_gid) != 0 ||
      setresgid(account->pw_gid, account->pw_gid, account->pw_gid) != 0 || setresuid(uid, uid, uid) != 0)
    give_up(uid, errno);
  if (getuid() != uid || geteuid() != uid || getegid() != account->pw_gid || (uid != 0 && setuid(0) == 0))
    give_up(uid, EPERM);
}

[[noreturn]] void become_helper(std::uint32_t uid, int socket, const HelperLauncherRules& settings) {
  setsid();
  reset_signals();
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (dup2(socket, STDIN_FILENO) < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0) _exit(EX_OSERR);
  close_range(STDERR_FILENO + 1, ~0U, 0);
  become(uid);
  if (chdir("/") != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up(uid, errno);
  std::vector<std::string> words = settings.helper;
  if (uid == 0)
    for (const std::string& root : settings.roots) words.push_back(beneath_switch + root);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  char* environment[] = {nullptr};
  execve(arguments.front(), arguments.data(), environment);
  give_up(uid, errno);
}

// --- the launcher itself --------------------------------------------------------------------------

bool comes_from(int connection, uid_t service) {
  ucred who{};
  socklen_t size = sizeof who;
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == service;
}

class HelperStarter {
 public:
  HelperStarter(int listening, const HelperLauncherRules& settings) : listening_(listening), settings_(settings) {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    ended_ = Descriptor(signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  int run() {
    if (!ended_) return EX_OSERR;
    while (true) {
      std::array<pollfd, 3> ready{pollfd{ended_.get(), POLLIN, 0}, pollfd{listening_, POLLIN, 0},
                                  pollfd{line_.get(), POLLIN, 0}};
      if (poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return EX_OSERR;
      if ((ready[0].revents & POLLIN) != 0) reap();
      if ((ready[2].revents & (POLLIN | POLLHUP | POLLERR)) != 0) obey();
      if ((ready[1].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return EX_OK;
      if ((ready[1].revents & POLLIN) != 0) accept_line();
    }
  }

 private:
  // A service that comes anew takes the place of the one before, whose helpers end with it.
  void accept_line() {
    Descriptor came(accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC));
    if (came && comes_from(came.get(), settings_.service)) line_ = std::move(came);
  }

  void obey() {
    Word word{};
    auto packet = os::receive_packet(line_.get(), word);
    if (!packet || packet->size != word.size() || packet->count != 1) return line_.reset();
    std::uint32_t uid = 0;
    std::memcpy(&uid, word.data(), sizeof uid);
    const pid_t pid = fork();
    if (pid == 0) become_helper(uid, packet->descriptors[0].get(), settings_);
    if (pid < 0) return say(uid, std::string("cannot be started: ") + std::strerror(errno));
    helpers_[pid] = uid;
  }

  void reap() {
    signalfd_siginfo told{};
    while (read(ended_.get(), &told, sizeof told) > 0) {
    }
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto found = helpers_.find(pid);
      if (found == helpers_.end()) continue;
      if (WIFSIGNALED(status)) say(found->second, "was ended by signal " + std::to_string(WTERMSIG(status)));
      if (WIFEXITED(status) && WEXITSTATUS(status) != EX_OK && WEXITSTATUS(status) != EX_NOPERM)
        say(found->second, "ended with exit code " + std::to_string(WEXITSTATUS(status)));
      helpers_.erase(found);
    }
  }

  static void say(std::uint32_t uid, const std::string& what) {
    std::fprintf(stderr, "backhauld: the helper of user %u %s\n", uid, what.c_str());
  }

  const int listening_;
  const HelperLauncherRules& settings_;
  Descriptor ended_;
  Descriptor line_;
  std::map<pid_t, std::uint32_t> helpers_;
};

}  // namespace

int run_launcher(int listening, const HelperLauncherRules& settings) { return HelperStarter(listening, settings).run(); }

Descriptor listen_at(const std::string& path, uid_t service) {
  const auto address = address_of(path);
  Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!address || !socket) return {};
  unlink(path.c_str());
  // Nobody may connect before it belongs to whom it is for.
  const mode_t before = umask(0177);
  const int bound = bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
  umask(before);
  if (bound != 0 || chown(path.c_str(), service, static_cast<gid_t>(-1)) != 0 || listen(socket.get(), 4) != 0)
    return {};
  return socket;
}

bool LauncherLine::start(std::uint32_t uid, Descriptor socket) {
  Word word{};
  std::memcpy(word.data(), &uid, sizeof uid);
  const std::array theirs{socket.get()};
  const std::scoped_lock lock(mutex_);
  if (line_ && os::send_packet(line_.get(), word, theirs)) return true;
  const auto address = address_of(path_);
  line_ = Descriptor(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  return address && line_ &&
         connect(line_.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0 &&
         os::send_packet(line_.get(), word, theirs);
}

}  // namespace backhaul::posix
