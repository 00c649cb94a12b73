// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/signature_check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "adapters/posix/confine.h"
#include "adapters/posix/descriptor.h"
#include "adapters/posix/failure.h"
#include "adapters/posix/spawn.h"
#include "core/shown_url.h"

namespace backhaul::posix {
namespace {

using base::Code;
using core::SignatureKind;

constexpr int look_every_ms = 100;         // whether it is stopped
constexpr std::size_t said_max = 16 * 1024;  // of what the program writes

// What the program finds, in this order, from descriptor 3 on.
constexpr char file_path[] = "/proc/self/fd/3";
constexpr char signature_path[] = "/proc/self/fd/4";
constexpr char key_path[] = "/proc/self/fd/5";

std::string find_program(std::string_view name) {
  for (const char* folder : {"/usr/bin/", "/bin/", "/usr/local/bin/"})
    if (std::string path = folder + std::string(name); access(path.c_str(), X_OK) == 0) return path;
  return {};
}

struct Verifier {
  std::vector<std::string> words;  // the path of the program first
  std::string signature;
  std::string key;
  bool tells_status = false;  // its exit code alone does not say that the key is still good
};

Verifier verifier_for(const core::Signature& signature, std::string program) {
  Verifier verifier{.words = {std::move(program)},
                    .signature = signature.signature,
                    .key = signature.key};
  const std::string& path = verifier.words.front();
  auto add = [&](std::initializer_list<std::string> words) {
    verifier.words.insert(verifier.words.end(), words);
  };
  if (signature.kind == SignatureKind::minisign) {
    add({"-V", "-q", "-m", file_path, "-x", signature_path, "-P", signature.key});
  } else if (path.ends_with("/gpgv")) {
    // Its keyring has no armour.
    verifier.key = core::without_armour(signature.key).value_or("");
    verifier.tells_status = true;
    add({"--homedir", "/nonexistent", "--status-fd", "1", "--keyring", key_path, signature_path, file_path});
  } else {
    add({"--keyring", key_path, signature_path, file_path});
  }
  return verifier;
}

base::Result<Descriptor> in_memory(const std::string& text) {
  Descriptor memory(memfd_create("signature", MFD_CLOEXEC));
  if (!memory || write(memory.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return failure("keep", "a signature");
  return memory;
}

// Async-signal-safe calls only; all memory was allocated before the fork.
[[noreturn]] void verify_in_child(char* const* words, const std::array<int, 6>& descriptors) {
  reset_signals();
  setsid();
  // First out of each other's way.
  std::array<int, 6> high{};
  for (std::size_t i = 0; i < high.size(); ++i)
    if ((high[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, 16)) < 0) _exit(126);
  for (std::size_t i = 0; i < high.size(); ++i)
    if (dup2(high[i], static_cast<int>(i)) < 0) _exit(126);
  close_range(6, ~0U, CLOSE_RANGE_CLOEXEC);
  if (chdir("/") != 0 || !confine()) _exit(126);
  char locale[] = "LC_ALL=C";
  char* environment[] = {locale, nullptr};
  execve(words[0], words, environment);
  _exit(127);
}

struct Outcome {
  std::string said;
  int status = 0;
};

base::Result<Outcome> wait_for_verifier(pid_t pid, const Descriptor& output, const std::atomic<bool>& stopped) {
  Outcome outcome;
  pollfd ready{output.get(), POLLIN, 0};
  bool ended = false;
  while (!ended && !stopped) {
    if (poll(&ready, 1, look_every_ms) <= 0) continue;
    std::array<char, 4096> piece{};
    const ssize_t size = read(output.get(), piece.data(), piece.size());
    ended = size == 0 || (size < 0 && errno != EINTR);
    if (size > 0 && outcome.said.size() < said_max)
      outcome.said.append(piece.data(), static_cast<std::size_t>(size));
  }
  if (!ended) kill(pid, SIGKILL);
  while (waitpid(pid, &outcome.status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) return local_error(Code::E_ABORT, "The signature is not wanted any more.");
  return outcome;
}

bool has_line(const std::string& said, const std::string& word) {
  return said.find("[GNUPG:] " + word + " ") != std::string::npos;
}

// gpgv says that a signature is right also where its key has expired or was revoked.
bool status_is_good(const std::string& said) {
  return has_line(said, "GOODSIG") && has_line(said, "VALIDSIG") && !has_line(said, "EXPKEYSIG") &&
         !has_line(said, "REVKEYSIG") && !has_line(said, "EXPSIG") && !has_line(said, "BADSIG");
}

// The last line for people.
std::string complaint_of(const std::string& said) {
  std::string last;
  for (std::size_t at = 0; at < said.size();) {
    const std::size_t end = std::min(said.find('\n', at), said.size());
    const std::string line = said.substr(at, end - at);
    if (!line.empty() && !line.starts_with("[GNUPG:]")) last = line;
    at = end + 1;
  }
  constexpr std::size_t longest = 200;
  return core::harmless(last.substr(0, longest));
}

}  // namespace

std::string verifier_of(SignatureKind kind) {
  if (kind == SignatureKind::minisign) return find_program("minisign");
  std::string path = find_program("gpgv");
  return path.empty() ? find_program("sqv") : path;
}

base::Error no_verifier(SignatureKind kind) {
  return local_error(Code::FILE_NOT_FOUND,
                     kind == SignatureKind::minisign
                         ? "No program here verifies signatures of minisign: install minisign."
                         : "No program here verifies signatures of OpenPGP: install gpgv or sqv.");
}

base::Result<std::string> check_signature(const core::Signature& signature, int file,
                                          const std::atomic<bool>& stopped) {
  return check_signature_by(verifier_of(signature.kind), signature, file, stopped);
}

base::Result<std::string> check_signature_by(const std::string& program, const core::Signature& signature, int file,
                                             const std::atomic<bool>& stopped) {
  const Verifier verifier = verifier_for(signature, program);
  if (verifier.words.front().empty()) return no_verifier(signature.kind);
  BH_TRY(const Descriptor text, in_memory(verifier.signature));
  BH_TRY(const Descriptor key, in_memory(verifier.key));
  const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
  std::array<int, 2> ends{};
  if (!null || pipe2(ends.data(), O_CLOEXEC) < 0) return failure("start", verifier.words.front());
  const Descriptor output(ends[0]);
  Descriptor input(ends[1]);
  std::vector<char*> words;
  for (const std::string& word : verifier.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0)
    verify_in_child(words.data(), {null.get(), input.get(), input.get(), file, text.get(), key.get()});
  if (pid < 0) return failure("start", verifier.words.front());
  input.reset();
  BH_TRY(const Outcome outcome, wait_for_verifier(pid, output, stopped));
  const std::string name = verifier.words.front().substr(verifier.words.front().rfind('/') + 1);
  if (WIFSIGNALED(outcome.status))
    return name + " ended with signal " + std::to_string(WTERMSIG(outcome.status));
  const int code = WEXITSTATUS(outcome.status);
  if (code == 126 || code == 127)
    return local_error(Code::FILE_NOT_FOUND, verifier.words.front() + " cannot be run without a network and "
                                                                      "without writing.");
  if (code == 0 && (!verifier.tells_status || status_is_good(outcome.said))) return std::string();
  const std::string complaint = complaint_of(outcome.said);
  return complaint.empty() ? name + " denies it" : name + " says: " + complaint;
}

}  // namespace backhaul::posix
