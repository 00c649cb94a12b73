// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/helper_launcher.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
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

#include "adapters/posix/account_lookup.h"
#include "adapters/posix/file_protocol.h"
#include "adapters/posix/spawn.h"
#include "adapters/posix/user_umask.h"
#include "os/packet.h"

namespace backhaul::posix {
namespace {

// What is wanted, the number of an account, and its name, which may be missing: then the number has to do.
constexpr std::size_t head_size = 1 + sizeof(std::uint32_t);
using Word = std::array<std::byte, head_size + core::account_name_max>;

struct Wanted {
  HelperKind kind = HelperKind::files;
  core::Account account;
};

std::optional<std::size_t> put(const Wanted& wanted, Word& word) {
  const std::string& name = wanted.account.name;
  if (name.size() > core::account_name_max) return std::nullopt;
  word[0] = static_cast<std::byte>(wanted.kind);
  std::memcpy(word.data() + 1, &wanted.account.uid, sizeof wanted.account.uid);
  std::memcpy(word.data() + head_size, name.data(), name.size());
  return head_size + name.size();
}

std::optional<Wanted> wanted_in(std::span<const std::byte> word) {
  if (word.size() < head_size) return std::nullopt;
  Wanted wanted{.kind = static_cast<HelperKind>(word[0]), .account = {}};
  if (wanted.kind != HelperKind::files && wanted.kind != HelperKind::program && wanted.kind != HelperKind::remains &&
      wanted.kind != HelperKind::messenger)
    return std::nullopt;
  core::Account& account = wanted.account;
  std::memcpy(&account.uid, word.data() + 1, sizeof account.uid);
  account.name.assign(reinterpret_cast<const char*>(word.data()) + head_size, word.size() - head_size);
  if (account.name.find('\0') != std::string::npos) return std::nullopt;
  return wanted;
}

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  path.copy(address.sun_path, path.size());
  return address;
}

// Also one that is too busy to answer, and one of another kind. A launcher hangs up on strangers, and one whose service
// has just ended hangs up when it ends: so it is asked again, and the last of them is not there any more.
bool somebody_listens(const sockaddr_un& address, base::Microseconds patience) {
  constexpr int times = 3;
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
  for (int i = 0; i < times; ++i) {
    const Descriptor asks(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!asks) return false;
    if (connect(asks.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return errno == EAGAIN || errno == EPROTOTYPE;
    pollfd hung_up{asks.get(), 0, 0};
    if (poll(&hung_up, 1, static_cast<int>(limit.count())) <= 0) return true;
  }
  return true;
}

// --- the child, on its way to be a helper ---------------------------------------------------------

// Whoever waits for the helper hears why there is none.
[[noreturn]] void give_up(std::uint32_t uid, int error, const std::string& why) {
  std::fprintf(stderr, "backhauld: no helper for user %u: %s\n", uid, why.c_str());
  os::send_packet(STDIN_FILENO, encode(FileAnswer{.error = error}));
  _exit(EX_NOPERM);
}
[[noreturn]] void give_up(std::uint32_t uid, int error) { give_up(uid, error, std::strerror(error)); }

void take_ids(uid_t uid, gid_t gid) {
  if (setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0) give_up(uid, errno);
  if (getuid() != uid || geteuid() != uid || getegid() != gid || (uid != 0 && setuid(0) == 0)) give_up(uid, EPERM);
}

[[noreturn]] void give_up_unknown(std::uint32_t uid, int error) {
  give_up(uid, owner_unknown, std::string("nobody says who that is: ") + std::strerror(error));
}

AccountEntry become(const core::Account& wanted) {
  const uid_t uid = wanted.uid;
  AccountAnswer answer = wanted.name.empty() ? account_numbered(uid) : account_named(core::plain_name(wanted.name));
  if (!answer) give_up_unknown(uid, answer.error());
  if (!answer->has_value() || (*answer)->uid != uid) give_up(uid, EACCES);  // or the name is somebody else's now
  if (!wanted.name.empty() && (*answer)->of_unit != core::is_unit(wanted)) give_up(uid, EACCES);
  AccountEntry account = **std::move(answer);
  umask(umask_of(account.comment));
  if (initgroups(account.name.c_str(), account.gid) != 0) give_up(uid, errno);
  take_ids(uid, account.gid);
  return account;
}

// Of an account that is gone the number is left, without a group; where that is somebody's by now, nothing is done with
// the rights of that one. It may be back as well, since the service knows of it only from its last look.
void become_number_of(const core::Account& gone) {
  constexpr gid_t no_group = 65534;  // the kernel's own (overflowgid)
  const uid_t uid = gone.uid;
  if (uid == 0 || gone.name.empty()) give_up(uid, EACCES);
  const AccountAnswer holder = account_numbered(uid);
  if (!holder) give_up_unknown(uid, holder.error());
  if (holder->has_value() && core::on_record((*holder)->name, (*holder)->of_unit) == gone.name) {
    become(gone);
    return;
  }
  if (holder->has_value())
    give_up(uid, EACCES, "the number is that of " + (*holder)->name + ", and was that of " + core::plain_name(gone.name));
  umask(077);
  if (setgroups(0, nullptr) != 0) give_up(uid, errno);
  take_ids(uid, no_group);
}

// As a login has it: where its session bus is, if it has a session, is found in the folder of that.
std::vector<std::string> environment_of(AccountEntry person, uid_t uid) {
  if (person.shell.empty()) person.shell = "/bin/sh";
  std::vector<std::string> list = login_environment(person);
  const std::string runtime = "/run/user/" + std::to_string(uid);
  struct stat info;
  if (lstat(runtime.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == uid)
    list.push_back("XDG_RUNTIME_DIR=" + runtime);
  return list;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

const std::vector<std::string>& command_for(HelperKind kind, const HelperLauncherRules& settings) {
  if (kind == HelperKind::program) return settings.runner;
  return kind == HelperKind::messenger ? settings.messenger : settings.helper;
}

[[noreturn]] void become_helper(const Wanted& wanted, int socket, const HelperLauncherRules& settings) {
  const uid_t uid = wanted.account.uid;
  const bool as_logged_in = wanted.kind == HelperKind::program || wanted.kind == HelperKind::messenger;
  setsid();
  reset_signals();
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (dup2(socket, STDIN_FILENO) < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0) _exit(EX_OSERR);
  close_range(STDERR_FILENO + 1, ~0U, 0);
  std::vector<std::string> words = command_for(wanted.kind, settings);
  if (as_logged_in && (uid == 0 || words.empty())) give_up(uid, EACCES);
  const bool of_nobody = wanted.kind == HelperKind::remains;
  AccountEntry person;
  if (of_nobody)
    become_number_of(wanted.account);
  else
    person = become(wanted.account);
  if (chdir("/") != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up(uid, errno);
  if (of_nobody) words.emplace_back(remains_switch);
  if (uid == 0)
    for (const std::string& root : settings.roots) words.push_back(beneath_switch + root);
  std::vector<std::string> variables;
  if (as_logged_in) variables = environment_of(person, uid);
  const std::vector<char*> arguments = pointers(words);
  execve(arguments.front(), arguments.data(), pointers(variables).data());
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
      std::array<pollfd, 4> ready{pollfd{ended_.get(), POLLIN, 0}, pollfd{listening_, POLLIN, 0},
                                  pollfd{line_.get(), POLLIN, 0}, pollfd{settings_.life, POLLIN, 0}};
      if (poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return EX_OSERR;
      if ((ready[0].revents & POLLIN) != 0) reap();
      if ((ready[2].revents & (POLLIN | POLLHUP | POLLERR)) != 0) obey();
      if ((ready[3].revents & (POLLHUP | POLLERR)) != 0) return EX_OK;
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
    const auto wanted = packet ? wanted_in(std::span(word).first(packet->size)) : std::nullopt;
    if (!wanted || packet->count != 1) return line_.reset();
    const std::uint32_t uid = wanted->account.uid;
    const pid_t pid = fork();
    if (pid == 0) become_helper(*wanted, packet->descriptors[0].get(), settings_);
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

Tried<Descriptor> listen_at(const std::string& path, uid_t service, base::Microseconds patience) {
  const auto address = address_of(path);
  if (!address) return untried(ENAMETOOLONG);
  if (somebody_listens(*address, patience)) return untried(EADDRINUSE);
  Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!socket) return untried(errno);
  unlink(path.c_str());
  // Nobody may connect before it belongs to whom it is for.
  const mode_t before = umask(0177);
  const int bound = bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
  const int error = errno;
  umask(before);
  if (bound != 0) return untried(error);
  if (chown(path.c_str(), service, static_cast<gid_t>(-1)) != 0 || listen(socket.get(), 4) != 0) return untried(errno);
  return socket;
}

std::string no_socket_text(const std::string& path, int error) {
  if (error == EADDRINUSE) return "somebody listens at " + path + " already: does the service of the machine run?";
  return "no socket can be made at " + path + ": " + std::strerror(error);
}

bool LauncherLine::start(HelperKind kind, const core::Account& account, Descriptor socket) {
  Word buffer{};
  const auto size = put({kind, account}, buffer);
  if (!size) return false;
  const auto word = std::span<const std::byte>(buffer).first(*size);
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
