// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/account_watch.h"

#include <pwd.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

namespace backhaul::posix {
namespace {

constexpr char accounts_file[] = "/etc/passwd";
constexpr char accounts_folder[] = "/etc";

struct Answer {
  std::optional<std::uint32_t> number;
  std::string name;
};

// Unset: nobody could say. Without a number and a name: there is no such account.
template <class Ask>
std::optional<Answer> asked(const Ask& ask) {
  std::vector<char> texts(4096);
  passwd entry{};
  passwd* found = nullptr;
  int error = 0;
  while ((error = ask(&entry, texts.data(), texts.size(), &found)) == ERANGE && texts.size() < (1U << 20U))
    texts.resize(2 * texts.size());
  if (found != nullptr) return Answer{found->pw_uid, found->pw_name};
  if (error == 0 || error == ENOENT || error == ESRCH) return Answer{};
  return std::nullopt;
}

std::optional<Answer> ask_name(const std::string& name) {
  return asked([&](auto... rest) { return getpwnam_r(name.c_str(), rest...); });
}

std::optional<Answer> ask_number(std::uint32_t uid) {
  return asked([&](auto... rest) { return getpwuid_r(uid, rest...); });
}

core::StrayAccounts look_at(const std::set<core::Account>& accounts, const core::StrayAccounts& before) {
  core::StrayAccounts stray;
  for (const core::Account& account : accounts) {
    const auto by_name = ask_name(account.name);
    const auto by_number = by_name && by_name->number == account.uid ? by_name : ask_number(account.uid);
    if (!by_name || !by_number) {
      if (const auto known = before.find(account); known != before.end()) stray.insert(*known);
    } else if (auto why = core::stray(account, {.number = by_name->number, .name = by_number->name})) {
      stray.emplace(account, *std::move(why));
    }
  }
  return stray;
}

}  // namespace

AccountWatch::AccountWatch(loop::Loop& loop, ports::Inbox& inbox, Options options)
    : loop_(loop),
      inbox_(inbox),
      options_(options),
      look_soon_(loop, loop::Order::idle, [this] { look(); }),
      every_(loop, std::chrono::seconds(1), [this] { look(); }),
      first_limit_(loop, std::chrono::milliseconds(10), [this] { tell(); }),
      names_(loop, 2),
      worker_(loop, 1) {
  if (!options_.watches) return;
  changes_ = Descriptor(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!changes_) return;  // then it is once a minute
  follow_file();
  changed_.emplace(loop, changes_.get(), EPOLLIN, [this](std::uint32_t) {
    std::array<char, 4096> events;
    while (read(changes_.get(), events.data(), events.size()) > 0) {
    }
    follow_file();
    look_soon_.schedule();
  });
}

AccountWatch::~AccountWatch() = default;

// Whoever changes it replaces it, or writes into it.
void AccountWatch::follow_file() {
  inotify_add_watch(changes_.get(), accounts_folder, IN_MOVED_TO | IN_CREATE | IN_ONLYDIR);
  inotify_add_watch(changes_.get(), accounts_file, IN_CLOSE_WRITE | IN_MODIFY);
}

bool AccountWatch::watch(const core::Account& account) {
  if (!options_.watches) return true;
  if (watched_.insert(account).second) look_soon_.schedule();
  if (looked_) return true;
  if (!first_limit_.armed()) first_limit_.arm(loop_.now() + options_.first_limit);
  return false;
}

void AccountWatch::look() {
  if (watched_.empty()) return;
  if (std::exchange(looking_, true)) {
    look_again_ = true;
    return;
  }
  worker_.submit([this, accounts = watched_, before = stray_]() -> loop::Callback {
    return [this, stray = look_at(accounts, before)]() mutable { looked(std::move(stray)); };
  });
}

void AccountWatch::looked(core::StrayAccounts stray) {
  looking_ = false;
  const bool first = !std::exchange(looked_, true);
  const bool changed = stray_ != stray;
  stray_ = std::move(stray);
  if (first || changed) tell();
  every_.arm(loop_.now() + options_.look_every);
  if (std::exchange(look_again_, false)) look();
}

void AccountWatch::tell() {
  first_limit_.disarm();
  inbox_.post(ports::AccountsChanged{stray_});
}

void AccountWatch::name_of(std::uint32_t uid, Named named) {
  if (uid == 0 || !options_.watches) return named(std::string());
  names_.submit([uid, named = std::move(named)]() mutable -> loop::Callback {
    const auto answer = ask_number(uid);
    return [uid, answer, named = std::move(named)]() mutable {
      if (!answer)
        return named(base::Error(base::Code::E_OUTOFMEMORY, "nobody says now who user " + std::to_string(uid) + " is"));
      if (!answer->number)
        return named(base::Error(base::Code::E_ACCESSDENIED, "user " + std::to_string(uid) + " has no account here"));
      named(answer->name);
    };
  });
}

}  // namespace backhaul::posix
