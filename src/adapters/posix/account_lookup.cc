// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/account_lookup.h"

#include <cerrno>
#include <cstdio>
#include <memory>

namespace backhaul::posix {
namespace {

constexpr std::size_t texts_max = 1U << 20U;

std::string text_or_empty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

// Without a value: it cannot be read now.
Tried<bool> stands_in_file(const std::string& name) {
  struct Close {
    void operator()(FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<FILE, Close> file(std::fopen("/etc/passwd", "re"));
  if (file == nullptr && errno != ENOENT) return untried(errno);
  if (file == nullptr) return false;
  std::vector<char> texts(texts_max);
  passwd entry{};
  passwd* found = nullptr;
  int error = 0;
  while ((error = fgetpwent_r(file.get(), &entry, texts.data(), texts.size(), &found)) == 0)
    if (name == entry.pw_name) return true;
  if (error != ENOENT) return untried(error);
  return false;
}

AccountAnswer with_origin(AccountAnswer answer) {
  if (!answer || !answer->has_value() || !is_number_of_units((*answer)->uid)) return answer;
  const auto stands = stands_in_file((*answer)->name);
  if (!stands) return untried(stands.error());
  (*answer)->of_unit = !*stands;
  return answer;
}

}  // namespace

bool is_number_of_units(uid_t uid) { return uid >= 61184 && uid <= 65519; }

AccountAnswer ask_accounts(const AskAccounts& ask) {
  std::vector<char> texts(4096);
  while (true) {
    passwd entry{};
    passwd* found = nullptr;
    // A service that is not there may leave errno alone, and the C library then returns what stands in it.
    errno = EHOSTDOWN;
    const int error = ask(&entry, texts.data(), texts.size(), &found);
    if (error == ERANGE && texts.size() < texts_max) {
      texts.resize(2 * texts.size());
      continue;
    }
    if (error != 0) return untried(error);
    if (found == nullptr) return std::optional<AccountEntry>();
    return AccountEntry{found->pw_uid, found->pw_gid, text_or_empty(found->pw_name), text_or_empty(found->pw_gecos),
                        text_or_empty(found->pw_dir), text_or_empty(found->pw_shell)};
  }
}

std::vector<std::string> login_environment(const AccountEntry& account) {
  return {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + account.home, "USER=" + account.name,
          "LOGNAME=" + account.name, "SHELL=" + account.shell};
}

AccountAnswer account_named(const std::string& name) {
  return with_origin(ask_accounts([&](passwd* entry, char* texts, std::size_t size, passwd** found) {
    return getpwnam_r(name.c_str(), entry, texts, size, found);
  }));
}

AccountAnswer account_numbered(uid_t uid) {
  return with_origin(ask_accounts([&](passwd* entry, char* texts, std::size_t size, passwd** found) {
    return getpwuid_r(uid, entry, texts, size, found);
  }));
}

}  // namespace backhaul::posix
