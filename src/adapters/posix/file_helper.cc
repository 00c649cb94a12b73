// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/file_helper.h"

#include <poll.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "adapters/posix/confine.h"
#include "adapters/posix/file_protocol.h"
#include "base/time.h"
#include "os/packet.h"

namespace backhaul::posix {
namespace {

struct Done {
  FileAnswer answer;
  Descriptor opened;
};

Done outcome_of(Tried<Descriptor> tried) {
  if (!tried) return {{.error = tried.error()}, {}};
  return {{}, *std::move(tried)};
}

Done outcome_of(const Tried<void>& tried) { return {{.error = tried ? 0 : tried.error()}, {}}; }

Done outcome_of(const Tried<Found>& tried) {
  if (!tried) return {{.error = tried.error()}, {}};
  return {{.found = *tried}, {}};
}

Done outcome_of(const Tried<Room>& tried) {
  if (!tried) return {{.error = tried.error()}, {}};
  return {{.room = *tried}, {}};
}

// `fd`: what came along first, or Access::nowhere.
Done carry_out(Access& access, const FileRequest& request, int fd, int held) {
  const std::string text(request.text);
  const std::string other(request.other);
  switch (request.operation) {
    case Operation::open_directory: return outcome_of(access.open_directory(text, other));
    case Operation::open: return outcome_of(access.open(fd, text, request.purpose));
    case Operation::open_source: return outcome_of(access.open_source(text));
    case Operation::look: return outcome_of(access.look(fd, text, request.follow));
    case Operation::may_write: return outcome_of(access.may_write(fd, text));
    case Operation::rename: return outcome_of(access.rename(fd, text, other, held));
    case Operation::unlink: return outcome_of(access.unlink(fd, text));
    case Operation::sync: return outcome_of(access.sync(fd));
    case Operation::room: return outcome_of(access.room(fd));
    case Operation::set_time:
      return outcome_of(access.set_time(fd, base::WallTime(base::Microseconds(static_cast<std::int64_t>(request.number)))));
    case Operation::set_mode: return outcome_of(access.set_mode(fd, static_cast<mode_t>(request.number)));
    case Operation::set_usual_mode: return outcome_of(access.set_usual_mode(fd, held));
    case Operation::give:
      return outcome_of(access.give(fd, static_cast<uid_t>(request.number), request.other_number));
    case Operation::set_access_list: return outcome_of(access.set_access_list(fd, request.text));
  }
  return {{.error = ENOSYS}, {}};
}

}  // namespace

void serve_files(int line, Access& access, HelperWork& work) {
  const auto bytes = std::make_unique<RequestBytes>();
  while (const auto packet = os::receive_packet(line, *bytes)) {
    const auto request = decode_request(std::span(*bytes).first(packet->size), packet->count);
    if (!request) return;
    ++work.begun;
    const int fd = packet->count > 0 ? packet->descriptors[0].get() : Access::nowhere;
    const Done outcome = carry_out(access, *request, fd, packet->descriptors[1].get());
    const int opened = outcome.opened.get();
    const auto along = outcome.opened ? std::span(&opened, 1) : std::span<const int>();
    const bool heard = os::send_packet(line, encode(outcome.answer), along);
    ++work.ended;
    if (!heard) return;
  }
}

namespace {

// False: for as long as it takes to end, nothing came over the socket, and nothing was under way.
bool wait_for_work(int socket, const HelperWork& work, std::chrono::milliseconds idle_limit) {
  while (true) {
    const std::uint64_t before = work.begun;
    pollfd ready{socket, POLLIN, 0};
    const int some = poll(&ready, 1, static_cast<int>(idle_limit.count()));
    if (some > 0 || (some < 0 && errno != EINTR)) return true;
    if (some == 0 && work.begun == before && work.ended == before) return false;
  }
}

}  // namespace

int run_file_helper(int socket, OwnerRules rules, std::chrono::milliseconds idle_limit) {
  if (!confine_to_files()) return EX_OSERR;
  umask(rules.umask);
  const auto of_owner = rules.deletes_parts_alone ? std::make_unique<RemainsAccess>(std::move(rules))
                                                  : std::make_unique<OwnerAccess>(std::move(rules));
  OwnerAccess& access = *of_owner;
  if (!os::send_packet(socket, encode(FileAnswer{}))) return EX_OK;
  std::atomic<unsigned> lines = 0;
  HelperWork work;
  std::array<std::byte, 1> word{};
  while (wait_for_work(socket, work, idle_limit)) {
    auto packet = os::receive_packet(socket, word);
    if (!packet || packet->count != 1 || lines >= helper_lines_max) break;
    ++lines;
    try {
      std::thread([&access, &lines, &work, line = std::move(packet->descriptors[0])] {
        serve_files(line.get(), access, work);
        --lines;
      }).detach();
    } catch (const std::system_error&) {
      break;  // no memory for it: another helper may have more
    }
  }
  _exit(EX_OK);  // a thread may wait for a file system that does not answer
}

}  // namespace backhaul::posix
