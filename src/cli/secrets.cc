// SPDX-License-Identifier: Apache-2.0
#include "cli/secrets.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "cli/utf8.h"

namespace backhaul::cli {
namespace {

class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ > 2) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

constexpr std::size_t most = 1024 * 1024;

// Without standard streams, which keep copies. How much came; 0: that was all.
std::expected<std::size_t, std::string> read_piece(int fd, std::string& text) {
  char piece[4096];
  ssize_t got = -1;
  do got = read(fd, piece, sizeof piece);
  while (got < 0 && errno == EINTR);
  if (got < 0) return std::unexpected(std::strerror(errno));
  text.append(piece, static_cast<std::size_t>(got));
  explicit_bzero(piece, sizeof piece);
  if (text.size() > most) return std::unexpected("it is longer than 1 MiB");
  return static_cast<std::size_t>(got);
}

std::expected<std::string, std::string> read_from(int fd) {
  std::string text;
  for (;;) {
    const auto got = read_piece(fd, text);
    if (!got) return std::unexpected(got.error());
    if (*got == 0) return text;
  }
}

// Takes what is typed out of sight, and shows it again whatever happens: a signal that ends or stops the command is
// held until the terminal is as it was.
class WithoutEcho {
 public:
  explicit WithoutEcho(int fd) : fd_(fd) {
    pthread_sigmask(SIG_BLOCK, nullptr, &mask_);
    sigset_t held;
    sigemptyset(&held);
    for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP}) {
      // One that is ignored (nohup) or held by whoever started us changes nothing.
      struct sigaction usual {};
      const bool counts = sigaction(number, nullptr, &usual) == 0 && usual.sa_handler != SIG_IGN;
      if (counts && sigismember(&mask_, number) == 0) sigaddset(&held, number);
    }
    signals_ = signalfd(-1, &held, SFD_CLOEXEC);
    if (signals_ < 0 || tcgetattr(fd_, &before_) != 0) return;
    pthread_sigmask(SIG_BLOCK, &held, nullptr);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ECHONL;
    changed_ = tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;
  ~WithoutEcho() {
    if (changed_) tcsetattr(fd_, TCSAFLUSH, &before_);
    if (signals_ >= 0) close(signals_);
    pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
  }

  bool is_quiet() const { return changed_; }
  // False: a signal came first. It is not taken, and has its effect at the end of this object.
  bool wait_for_input() const {
    pollfd sources[] = {{fd_, POLLIN, 0}, {signals_, POLLIN, 0}};
    while (poll(sources, 2, -1) < 0 && errno == EINTR) {}
    return sources[1].revents == 0;
  }

 private:
  int fd_;
  int signals_ = -1;
  sigset_t mask_{};
  termios before_{};
  bool changed_ = false;
};

// Nothing: a signal came, and the command goes on all the same behind it.
std::optional<std::expected<std::string, std::string>> ask_out_of_sight(int terminal, const std::string& question) {
  const WithoutEcho quiet(terminal);
  if (!quiet.is_quiet() || write(terminal, question.data(), question.size()) < 0)
    return std::unexpected(std::string(std::strerror(errno)));
  std::string text;
  while (quiet.wait_for_input()) {
    const auto got = read_piece(terminal, text);
    if (!got) return std::unexpected(got.error());
    if (*got == 0 || text.ends_with('\n')) return text;
  }
  explicit_bzero(text.data(), text.size());
  return std::nullopt;
}

// "-" is standard input; /dev/fd/N is a descriptor.
std::expected<std::string, std::string> read_file(const std::string& path, const char* what) {
  const auto because = [&](const std::string& why) {
    return std::unexpected(std::string(what) + " " + path + " cannot be read: " + why);
  };
  const OpenFile file(path == "-" ? 0 : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0) return because(std::strerror(errno));
  auto text = read_from(file.fd());
  if (!text) return because(text.error());
  // What cannot be sent is refused here, where it can be said of what.
  if (text->contains('\0')) return std::unexpected(std::string(what) + " " + path + " holds a NUL, which no text has");
  if (!is_utf8(*text)) return std::unexpected(std::string(what) + " " + path + " is no UTF-8");
  return text;
}

void drop_line_end(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

std::expected<std::string, std::string> ask_for_password(const std::string& user) {
  const OpenFile terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal.fd() < 0) return std::unexpected("there is no terminal to ask for the password: give --password-file");
  const std::string question = "Password of " + user + ": ";
  // Who stopped the command at the question and goes on is asked again.
  for (;;)
    if (auto answer = ask_out_of_sight(terminal.fd(), question)) return *std::move(answer);
}

std::expected<std::string, std::string> password_of(const Arguments& arguments, const std::string& user) {
  const std::string* path = arguments.find(Opt::password_file);
  auto text = path == nullptr ? ask_for_password(user) : read_file(*path, "the password file");
  if (text) drop_line_end(*text);
  return text;
}

}  // namespace

AuthTarget named_target(const Arguments& arguments) {
  AuthTarget target = AuthTarget::server;
  if (const std::string* word = arguments.find(Opt::target)) from_word(*word, target);
  return target;
}

std::expected<std::vector<AuthScheme>, std::string> named_schemes(const Arguments& arguments) {
  std::vector<AuthScheme> schemes;
  for (const std::string& word : arguments.all(Opt::scheme)) {
    AuthScheme scheme{};
    if (!from_word(word, scheme)) return std::unexpected("there is no scheme " + word);
    schemes.push_back(scheme);
  }
  if (arguments.has(Opt::negotiate)) schemes.push_back(AuthScheme::negotiate);
  return schemes;
}

std::expected<std::vector<Credentials>, std::string> read_credentials(const Arguments& arguments) {
  std::vector<Credentials> all;
  const AuthTarget target = named_target(arguments);
  const std::string* user = arguments.find(Opt::login);
  if (arguments.has(Opt::negotiate)) {
    Credentials ticket;
    ticket.target = target;
    ticket.scheme = AuthScheme::negotiate;
    ticket.implicit = true;
    all.push_back(std::move(ticket));
  }
  if (user == nullptr) {
    for (const Opt option : {Opt::password_file, Opt::scheme})
      if (arguments.has(option)) return std::unexpected("--" + std::string(row(option).name) + " needs --login NAME");
    return all;
  }
  auto password = password_of(arguments, *user);
  if (!password) return std::unexpected(password.error());
  std::vector<AuthScheme> schemes{AuthScheme::basic, AuthScheme::digest};
  if (arguments.has(Opt::scheme)) {
    schemes.clear();
    for (const std::string& word : arguments.all(Opt::scheme)) {
      schemes.emplace_back();
      from_word(word, schemes.back());
    }
  }
  for (const AuthScheme scheme : schemes) {
    Credentials one;
    one.target = target;
    one.scheme = scheme;
    one.user = *user;
    one.password = *password;
    one.handed_over = true;
    all.push_back(std::move(one));
  }
  explicit_bzero(password->data(), password->size());
  return all;
}

std::expected<ClientCertificate, std::string> read_certificate(const Arguments& arguments,
                                                               const std::string& certificate) {
  const auto word = [&](Opt option) {
    const std::string* given = arguments.find(option);
    return given == nullptr ? std::string() : *given;
  };
  const auto place = [](const std::string& given) {
    const bool token = given.starts_with("pkcs11:");
    return given.empty() || token ? given : std::filesystem::absolute(given).lexically_normal().string();
  };
  ClientCertificate value;
  value.certificate = place(certificate);
  value.key = place(word(Opt::private_key));
  value.hash = word(Opt::hash);
  std::erase(value.hash, ':');
  value.subject = word(Opt::subject);
  const bool stored = !value.hash.empty() || !value.subject.empty();
  if (stored == !certificate.empty())
    return std::unexpected("which certificate? Give a file or a pkcs11: URI, or one of a store with --hash or --subject");
  if (!stored && (arguments.has(Opt::store) || arguments.has(Opt::machine)))
    return std::unexpected("--store and --machine go with --hash or --subject");
  if (stored) value.store = arguments.has(Opt::store) ? word(Opt::store) : "MY";
  if (arguments.has(Opt::machine)) value.location = 1;
  if (const std::string* path = arguments.find(Opt::pass_phrase_file)) {
    auto text = read_file(*path, "the file of the pass phrase");
    if (!text) return std::unexpected(text.error());
    drop_line_end(*text);
    value.pass_phrase = *text;
    explicit_bzero(text->data(), text->size());
  }
  return value;
}

std::expected<std::optional<std::string>, std::string> read_headers(const Arguments& arguments) {
  std::optional<std::string> headers;
  for (const std::string& word : arguments.all(Opt::header)) {
    if (!headers) headers.emplace();
    std::string lines = word;
    if (word.starts_with('@')) {
      auto text = read_file(word.substr(1), "the file of headers");
      if (!text) return std::unexpected(text.error());
      lines = *std::move(text);
    }
    headers->append(lines);
    if (!headers->empty() && !headers->ends_with('\n')) headers->append("\r\n");
  }
  return headers;
}

}  // namespace backhaul::cli
