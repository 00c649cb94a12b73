// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/credential.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>

#include "base/result.h"
#include "os/descriptor.h"
#include "state/state_file.h"

namespace backhaul::seal {
namespace {

constexpr const char* credential_file = "/backhaul.key";
// What is sealed for this place opens for no other one.
constexpr std::string_view place_of_key = "org.backhaul.queue-key";

bool is_text(std::uint8_t byte) { return (byte >= ' ' && byte <= '~') || (byte >= '\t' && byte <= '\r'); }

// What is wrong with it; empty: nothing, and `key` is what it has. It is read to no other place.
std::string read_credential(const std::string& path, Key& key) {
  const auto opened = state::open_file(path, O_RDONLY);
  if (!opened) return opened.error().text;
  const os::Descriptor file(*opened);
  const auto bytes = key.bytes();
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return path + " cannot be looked at";
  if (info.st_size != static_cast<off_t>(bytes.size()))
    return "it has " + std::to_string(info.st_size) + " bytes, and not " + std::to_string(bytes.size());
  if (read(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return path + " cannot be read";
  // Random bytes are neither of these in the lifetime of anything.
  if (std::ranges::all_of(bytes, is_text)) return "it is a text, and not random bytes";
  if (std::ranges::count(bytes, bytes.front()) == std::ssize(bytes)) return "it is one byte again and again, and not random ones";
  return {};
}

}  // namespace

Credential::Credential(const char* folder, bool may_have_key, base::Log& log) : may_have_key_(may_have_key) {
  if (folder == nullptr || *folder == '\0') return;
  const std::string path = std::string(folder) + credential_file;
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return;
  auto key = std::make_unique<Key>();
  const std::string wrong = read_credential(path, *key);
  if (wrong.empty()) {
    key_ = std::move(key);
    if (!may_have_key_)
      log.write(base::LogLevel::notice, "The credential backhaul.key seals nothing, since the settings say SystemdCreds = no.");
    return;
  }
  if (!may_have_key_) return;
  unusable_ = true;
  log.write(base::LogLevel::error, "The credential backhaul.key is no key: " + wrong +
                                       ". No secret is sealed until it was made again as backhauld(8) says and the "
                                       "service restarted.");
}

std::optional<std::string> Credential::seal(KeyView key) const {
  return seal::seal(key_->view(), place_of_key, {reinterpret_cast<const char*>(key.data()), key.size()});
}

bool Credential::open(std::string_view sealed, Key& key) const {
  const auto value = key_ ? seal::open(key_->view(), place_of_key, sealed) : std::nullopt;
  if (!value || value->reveal().size() != key_size) return false;
  std::ranges::copy(value->reveal(), key.bytes().begin());
  return true;
}

}  // namespace backhaul::seal
