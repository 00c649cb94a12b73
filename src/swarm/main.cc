// SPDX-License-Identifier: Apache-2.0
// backhaul-swarm: exchanges the pieces of files with other machines, and gives them to the transfer service of this
// one. A process of its own, because it talks with strangers in a large protocol and needs nothing of what the service
// has.
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/posix/account_lookup.h"
#include "adapters/posix/confine.h"
#include "adapters/posix/journal_stream.h"
#include "base/hex.h"
#include "base/one_line.h"
#include "bus/connect.h"
#include "bus/names.h"
#include "bus/place.h"
#include "loop/loop.h"
#include "os/descriptor.h"
#include "swarm/options.h"
#include "swarm/publish.h"
#include "swarm/server.h"
#include "swarm/service.h"
#include "swarm/settings.h"
#include "swarm/shelf.h"
#include "swarm/torrents.h"

namespace backhaul::swarmd {
namespace {

using namespace std::chrono_literals;

// The caller gives up after five seconds.
constexpr auto fetch_limit = 4s;
constexpr const char* service_account = "backhaul";
constexpr const char* user_agent = "backhaul-swarm/" BACKHAUL_VERSION;

// To standard error, with the number in front by which the journal knows how grave it is.
class StreamLog final : public base::Log {
 public:
  StreamLog() : for_journal_(posix::is_journal(STDERR_FILENO)) {}
  void write(base::LogLevel level, std::string_view text, std::optional<base::JobId>) override {
    if (!enabled(level)) return;
    std::string line = for_journal_ ? "<" + std::to_string(static_cast<int>(level)) + ">" : "backhaul-swarm: ";
    line += base::one_line(text) + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
  bool enabled(base::LogLevel level) const override { return level <= base::LogLevel::info; }

 private:
  const bool for_journal_;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string absolute(const char* name, const std::string& otherwise) {
  std::string value = variable(name);
  return value.starts_with('/') ? value : otherwise;
}

struct Folders {
  std::string cache;
  std::string runtime;
  std::vector<std::string> settings;
};

Folders folders_of(const Options& options, const bus::Place& place) {
  const std::string of_machine = "/etc/backhaul/swarm.conf";
  if (options.system)
    return {absolute("CACHE_DIRECTORY", "/var/cache/backhaul-swarm"),
            absolute("RUNTIME_DIRECTORY", "/run/backhaul-swarm"), {of_machine}};
  const std::string cache = absolute("XDG_CACHE_HOME", place.home + "/.cache") + "/backhaul-swarm";
  const std::string config = absolute("XDG_CONFIG_HOME", place.home + "/.config") + "/backhaul/swarm.conf";
  const std::string& runtime = place.runtime_dir.empty() ? place.user_runtime_dir : place.runtime_dir;
  return {cache, runtime.empty() ? cache + "/run" : runtime + "/backhaul-swarm", {config, of_machine}};
}

int fail(int code, const std::string& what) {
  std::fprintf(stderr, "backhaul-swarm: %s\n", what.c_str());
  return code;
}

// What another process of this program has left: its files are of no use without what it knew of them. Names of
// anything else are left alone.
void sweep(const std::string& cache) {
  std::error_code ignored;
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::directory_iterator(cache, ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with('.') && name.ends_with(".parts")) left.push_back(entry.path());
    if (name.size() == 64 && base::is_lower_hex(name)) left.push_back(entry.path());
  }
  for (const auto& path : left) std::filesystem::remove(path, ignored);
}

// One process for a cache, whatever buses its user has.
os::Descriptor lock_of(const std::string& cache) {
  os::Descriptor lock(open((cache + "/lock").c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (lock && flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return {};
  return lock;
}

base::Result<void> prepare(const Folders& folders, bool system) {
  const uid_t uid = geteuid();
  BH_CHECK(bus::make_private_directory(folders.cache, uid));
  if (!system) return bus::make_private_directory(folders.runtime, uid);
  // Another account reads from the socket in it.
  BH_CHECK(bus::make_directories(folders.runtime));
  if (!bus::is_own_directory(folders.runtime, uid) || chmod(folders.runtime.c_str(), 0755) != 0)
    return {base::Code::E_ACCESSDENIED, folders.runtime + " is not a folder of this account"};
  return {};
}

// Or the exit code. That nobody can say now whether there is the account passes; that there is none does not.
std::expected<uid_t, int> reader_of(const Options& options) {
  if (!options.system) return geteuid();
  const posix::AccountAnswer answer = posix::account_named(service_account);
  if (!answer)
    return std::unexpected(fail(EX_TEMPFAIL, std::string("nobody can say whether there is an account ") +
                                                 service_account + ": " + std::strerror(answer.error())));
  if (!answer->has_value())
    return std::unexpected(fail(EX_NOUSER, std::string("there is no account ") + service_account));
  return (*answer)->uid;
}

// At this port, for all addresses of the family; 0 is any, and the answer says which.
std::uint16_t bind_everywhere(int socket, int family, std::uint16_t port) {
  sockaddr_storage address{};
  socklen_t size = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  address.ss_family = static_cast<sa_family_t>(family);
  // Both kinds of addresses have it at the same place.
  auto* port_of = &reinterpret_cast<sockaddr_in*>(&address)->sin_port;
  *port_of = htons(port);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket, name, size) != 0 || getsockname(socket, name, &size) != 0) return 0;
  return ntohs(*port_of);
}

// One that is free for TCP and UDP, at every address. Left to choose, libtorrent takes another one for each address and
// announces that of the first at all of them, where nobody answers. 0: none was found.
std::uint16_t free_port() {
  for (const int family : {AF_INET6, AF_INET})
    for (int attempt = 0; attempt < 10; ++attempt) {
      const os::Descriptor tcp(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
      const os::Descriptor udp(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      if (!tcp || !udp) break;
      const std::uint16_t port = bind_everywhere(tcp.get(), family, 0);
      if (port != 0 && bind_everywhere(udp.get(), family, port) == port) return port;
    }
  return 0;
}

int run(bus::Connection& connection, const Folders& folders, const Settings& settings, uid_t reader) {
  StreamLog log;
  loop::Loop loop;
  loop::Signal term(loop, SIGTERM, [&] { loop.exit(EX_OK); });
  loop::Signal interrupt(loop, SIGINT, [&] { loop.exit(EX_OK); });
  if (const auto attached = connection.bus.attach(loop.native()); !attached)
    return fail(EX_UNAVAILABLE, attached.error().text);
  const bus::Slot lost = connection.bus.on_disconnect([&] { loop.exit(EX_UNAVAILABLE); });

  // The session outlives those who serve from it, and the poster the session.
  loop::Poster poster(loop);
  std::unique_ptr<Service> service;
  Session session({.listen = listen_interfaces(settings),
                   .tracker = settings.tracker,
                   .send_bits_per_second = settings.send_bits_per_second,
                   .receive_bits_per_second = settings.receive_bits_per_second,
                   .user_agent = user_agent},
                  folders.cache, [&poster, &service] {
                    poster.post([&service] {
                      if (service) service->hear();
                    });
                  });
  Shelf shelf;
  Server server(shelf, reader);
  const std::string socket = folders.runtime + "/socket";
  if (const auto started = server.start(socket); !started) return fail(EX_CANTCREAT, started.error().text);
  service = std::make_unique<Service>(
      loop, connection.bus, session, shelf,
      ServiceSettings{.caller = reader,
                      .folder = folders.cache,
                      .socket = socket,
                      .fetch = {.size = largest_torrent, .time = fetch_limit, .user_agent = user_agent},
                      .tenancy = {.room = settings.room_mib << 20, .seeding = settings.seeding}},
      log, [&loop] { loop.exit(EX_OK); });
  if (const auto shown = service->publish(); !shown) return fail(EX_SOFTWARE, shown.error().text);
  if (const auto named = connection.bus.request_name(bus::swarm_name); !named)
    return fail(EX_TEMPFAIL, named.error().text);
  const int code = loop.run();
  if (connection.bus.is_open()) static_cast<void>(connection.bus.release_name(bus::swarm_name));
  service.reset();
  return code;
}

int serve(const Options& options) {
  signal(SIGPIPE, SIG_IGN);
  if (!posix::confine_to_network()) return fail(EX_OSERR, "the system does not let it give up its rights");
  const bus::Place place = bus::Place::current();
  const Folders folders = folders_of(options, place);
  auto settings = read_settings(folders.settings);
  if (!settings) return fail(EX_CONFIG, settings.error().text);
  if (settings->port == 0) settings->port = free_port();
  const auto reader = reader_of(options);
  if (!reader) return reader.error();
  if (const auto ready = prepare(folders, options.system); !ready) return fail(EX_CANTCREAT, ready.error().text);
  const os::Descriptor lock = lock_of(folders.cache);
  if (!lock) return fail(EX_TEMPFAIL, "another process uses " + folders.cache);
  sweep(folders.cache);
  auto connection = options.system ? bus::connect_machine(place) : bus::connect_session(place);
  if (!connection) return fail(EX_UNAVAILABLE, connection.error().text);
  const int code = run(*connection, folders, *settings, *reader);
  sweep(folders.cache);
  return code;
}

int print(const std::string& text) {
  return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

// `backhaul publish` hands on what this says, in its own name.
int refuse(const std::vector<std::string>& words, const std::string& why) {
  const bool publishes = std::ranges::any_of(words, [](const auto& word) { return word.starts_with("--publish"); });
  if (!publishes) return fail(EX_USAGE, why);
  return refuse_words(why, std::ranges::find(words, "--json") != words.end());
}

}  // namespace
}  // namespace backhaul::swarmd

int main(int argc, char** argv) {
  using namespace backhaul::swarmd;
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  const auto options = parse_options(words);
  if (!options) return refuse(words, options.error());
  switch (options->mode) {
    case Options::Mode::help: return print(help_text());
    case Options::Mode::version: return print("backhaul-swarm " BACKHAUL_VERSION "\n");
    case Options::Mode::publish: return publish(*options);
    case Options::Mode::serve: return serve(*options);
  }
  return EX_SOFTWARE;
}
