// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/local_transport.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapters/posix/descriptor.h"
#include "adapters/posix/destination.h"
#include "adapters/posix/failure.h"
#include "adapters/posix/read_at.h"
#include "adapters/posix/rights.h"
#include "core/http.h"
#include "core/local_address.h"

namespace backhaul::posix {
// What tells one version of a file from another.
struct LocalFacts {
  std::uint64_t size = 0;
  std::string modified;
  std::string tag;

  bool operator==(const LocalFacts&) const = default;
};

namespace {

using base::Code;

constexpr std::size_t local_piece = 256 * 1024;
constexpr MountThreadLimits local_readers{.at_work = 4, .on_one_mount = 2};

base::Error of_remote(base::Error error) {
  error.context = base::ErrorContext::remote_file;
  return error;
}

// As HTTP writes it, whatever the locale.
std::string http_date_of(std::time_t seconds) {
  static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm time{};
  if (gmtime_r(&seconds, &time) == nullptr) return {};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                days[static_cast<std::size_t>(time.tm_wday)], time.tm_mday,
                months[static_cast<std::size_t>(time.tm_mon)], time.tm_year + 1900, time.tm_hour,
                time.tm_min, time.tm_sec);
  return text.data();
}

std::string_view last_bytes(std::string_view text, std::uint64_t count) {
  return text.substr(text.size() - std::min<std::uint64_t>(text.size(), count));
}

LocalFacts facts_of(const struct stat& info) {
  const auto size = static_cast<std::uint64_t>(info.st_size);
  return {size, http_date_of(info.st_mtim.tv_sec),
          '"' + std::to_string(info.st_ino) + '-' + std::to_string(size) + '-' +
              std::to_string(info.st_mtim.tv_sec) + '.' + std::to_string(info.st_mtim.tv_nsec) + '"'};
}

base::Error no_ordinary_file(const std::string& path, mode_t mode) {
  return local_error(Code::BAD_FILE_TYPE, path + " is " + std::string(core::name_of(kind_of(mode))) + ".");
}

base::Error not_opened(Access& access, const std::string& path, int error) {
  // What the system says of a socket, and of a device that nobody serves, names neither.
  if (error == ENXIO || error == ENODEV)
    if (const auto found = access.look(Access::nowhere, path, true); found && !S_ISREG(found->mode))
      return no_ordinary_file(path, found->mode);
  if (error == ELOOP)
    return local_error(Code::FILE_NOT_FOUND,
                       "Cannot read " + path + ": the symbolic links on the way to it are too many, or lead round in a circle.");
  return failure("read", path, error);
}

core::ResponseHead head_of(const LocalFacts& facts, const core::Ask& ask) {
  core::ResponseHead head;
  head.status = 200;
  head.version_major = head.version_minor = 1;
  head.content_length = facts.size;
  head.last_modified = facts.modified;
  head.etag = facts.tag;
  head.accept_ranges = true;
  const bool holds = ask.if_range.empty() || ask.if_range == facts.tag || ask.if_range == facts.modified;
  if (!ask.from || !holds) return head;
  if (*ask.from >= facts.size) {
    head.status = 416;
    head.content_length = 0;
    head.content_range = core::ContentRange{.first = {}, .last = {}, .total = facts.size};
    return head;
  }
  const std::uint64_t end = std::min(ask.until.value_or(facts.size), facts.size);
  head.status = 206;
  head.content_length = end - *ask.from;
  head.content_range = core::ContentRange{.first = *ask.from, .last = end - 1, .total = facts.size};
  return head;
}

}  // namespace

// What a worker opened.
struct LocalTransport::Source {
  std::shared_ptr<const Descriptor> file;
  std::string path;
  LocalFacts facts;
  ports::CopiedRights rights;  // that its copy takes over
};

struct LocalTransport::Piece {
  std::vector<std::byte> bytes;
  bool changed = false;  // the file is another version now
};

struct LocalTransport::Running {
  Running(ports::TransferRequest asked, std::shared_ptr<Access> rights, ports::Sink& into, core::OriginMemory& memory)
      : request(std::move(asked)),
        access(std::move(rights)),
        sink(into),
        talk(request.source, request.record, memory,
             [](const std::string&, const std::string&) -> base::Result<std::string> {
               return base::Error(Code::WINHTTP_REDIRECT_FAILED);
             }),
        epoch(request.epoch),
        next_epoch(request.next_epoch) {}

  const ports::TransferRequest request;
  const std::shared_ptr<Access> access;  // of its owner
  ports::Sink& sink;
  core::Conversation talk;
  std::uint32_t epoch;
  std::uint32_t next_epoch;
  bool announced = false;

  // Of the answer.
  Source source;
  core::Body body;
  bool settled = true;         // what was to be compared has been
  std::string sample;
  std::uint64_t at = 0;        // next byte in the file
  std::uint64_t until = 0;     // where the answer ends in it
  std::uint64_t place = 0;     // of that byte in the part
  std::uint64_t received = 0;
  std::vector<std::byte> piece;  // not taken by the sink yet
};

LocalTransport::LocalTransport(loop::Loop& loop, ports::Inbox& inbox, Owners& owners)
    : loop_(loop), inbox_(inbox), owners_(owners), threads_(loop, local_readers) {}

LocalTransport::~LocalTransport() = default;

void LocalTransport::start(ports::TransferRequest request, ports::Sink& sink) {
  const base::TransferId id = request.transfer;
  auto access = owners_.access_of(request.owner);
  if (!access)
    return inbox_.post(ports::TransferEnded{.transfer = id, .error = of_remote(std::move(access).error())});
  meters_.begin(request.job, loop_.now());
  auto running = std::make_shared<Running>(std::move(request), *std::move(access), sink, memory_);
  BH_ASSERT(running_.emplace(id, running).second);
  open(running);
}

void LocalTransport::stop(base::TransferId transfer) { running_.erase(transfer); }

// --- an answer -----------------------------------------------------------------------------------

void LocalTransport::open(const Shared& running) {
  auto named = core::local_path(running->talk.ask().url);
  const MountThreads::Place place = threads_.place_of(running->request.owner, named ? *named : std::string());
  threads_.submit(place, [this, access = running->access, named = std::move(named), acl = running->request.options.acl,
                          weak = std::weak_ptr(running)] {
    auto opened = [&]() -> base::Result<Source> {
      BH_TRY(std::string path, named);
      auto reading = access->open_source(path);
      if (!reading) return not_opened(*access, path, reading.error());
      auto file = std::make_shared<const Descriptor>(*std::move(reading));
      struct stat info;
      if (fstat(file->get(), &info) != 0) return failure("look at", path);
      if (!S_ISREG(info.st_mode)) return no_ordinary_file(path, info.st_mode);
      // What the kernel makes up as it is read tells no size (/proc), or that of a page (/sys).
      std::byte first{};
      BH_TRY(const std::size_t there, read_at(file->get(), std::span(&first, 1), 0, path));
      if (info.st_size == 0 && there != 0)
        return local_error(Code::BAD_FILE_TYPE, path + " tells no size: it is no ordinary file.");
      BH_TRY(ports::CopiedRights rights, rights_of(file->get(), acl, path));
      return Source{std::move(file), std::move(path), facts_of(info), std::move(rights)};
    }();
    return [this, weak, opened = std::move(opened)]() mutable {
      if (const Shared alive = weak.lock()) answer(alive, std::move(opened));
    };
  });
}

void LocalTransport::answer(const Shared& running, base::Result<Source> source) {
  if (!source) {
    core::Ending ending;
    ending.error = of_remote(std::move(source).error());
    return end(running, std::move(ending));
  }
  Running& r = *running;
  r.source = *std::move(source);
  r.sample.clear();
  r.received = 0;
  const core::ResponseHead head = head_of(r.source.facts, r.talk.ask());
  r.body = r.talk.head(head);
  if (r.talk.knows_all_is_here()) announce(r);
  if (r.body.use == core::Use::drop) return answer_ended(running, std::nullopt);
  r.at = r.body.begins;
  r.until = head.status == 206 ? *head.content_range->last + 1 : r.source.facts.size;
  r.settled = r.body.sample == 0;
  if (r.settled) begin_body(r);
  read_on(running);
}

void LocalTransport::begin_body(Running& r) {
  r.place = r.body.place;
  if (r.body.use != core::Use::append) {
    r.epoch = r.next_epoch++;
    r.sink.restart(r.epoch, r.body.use == core::Use::beside);
    // What was only compared comes into the part now.
    r.at = r.body.begins;
    r.received = 0;
  }
  announce(r);
}

void LocalTransport::announce(Running& r) {
  const bool restarted = r.body.use == core::Use::anew || r.body.use == core::Use::beside;
  if (r.announced && !restarted) return;
  r.announced = true;
  inbox_.post(ports::HeadReceived{.transfer = r.request.transfer,
                                  .identity = r.talk.identity(),
                                  .restarted = restarted,
                                  .beside = r.body.use == core::Use::beside,
                                  .epoch = r.epoch});
}

// --- its bytes -----------------------------------------------------------------------------------

// After the last one it is looked whether the file is still the one that was opened.
void LocalTransport::read_on(const Shared& running) {
  const Running& r = *running;
  std::uint64_t length = std::min<std::uint64_t>(local_piece, r.until - r.at);
  if (!r.settled) length = std::min(length, r.body.sample - r.received);
  const MountThreads::Place place = threads_.place_of(r.request.owner, r.source.path);
  threads_.submit(place, [this, length, at = r.at, last = r.at + length == r.until, source = r.source,
                          weak = std::weak_ptr(running)] {
    auto read = [&]() -> base::Result<Piece> {
      Piece piece{std::vector<std::byte>(length)};
      BH_TRY(const std::size_t there, read_at(source.file->get(), piece.bytes, at, source.path));
      if (there == length && !last) return piece;
      struct stat info;
      if (fstat(source.file->get(), &info) != 0) return failure("look at", source.path);
      piece.changed = facts_of(info) != source.facts;
      if (there < length && !piece.changed)
        return local_error(Code::BAD_FILE_TYPE,
                           source.path + " has fewer bytes than the size that it tells: it is no ordinary file.");
      return piece;
    }();
    return [this, weak, read = std::move(read)]() mutable {
      if (const Shared alive = weak.lock()) take(alive, std::move(read));
    };
  });
}

void LocalTransport::take(const Shared& running, base::Result<Piece> piece) {
  if (!piece) return answer_ended(running, of_remote(std::move(piece).error()));
  Running& r = *running;
  if (piece->changed) {
    r.talk.changed_meanwhile(r.source.path + " changed while it was read");
    return answer_ended(running, std::nullopt);
  }
  if (r.settled) {
    r.piece = std::move(piece->bytes);
    return offer(running);
  }
  r.sample.append(reinterpret_cast<const char*>(piece->bytes.data()), piece->bytes.size());
  r.at += piece->bytes.size();
  r.received += piece->bytes.size();
  if (r.received == r.body.sample && !settle(r)) return answer_ended(running, std::nullopt);
  if (r.at == r.until) return answer_ended(running, std::nullopt);
  read_on(running);
}

// False: the body is not used.
bool LocalTransport::settle(Running& r) {
  r.settled = true;
  const ports::HeldSample& held = r.sink.held();
  const std::string_view begin = std::string_view(held.head).substr(0, r.body.sample);
  const std::string_view last = last_bytes(held.tail, r.body.at_hand);
  // What came a moment ago is not kept: only a file that is another one now has to be compared with it.
  const bool another = r.body.at_hand > 0 && last.empty();
  r.body = r.talk.compared(
      r.body.use == core::Use::append
          ? (another ? core::Sample::differs : core::compare_sample(last, last_bytes(r.sample, last.size())))
          : core::compare_sample(begin, std::string_view(r.sample).substr(0, begin.size())));
  r.sample.clear();
  if (r.body.use == core::Use::drop) return false;
  begin_body(r);
  return true;
}

void LocalTransport::offer(const Shared& running) {
  Running& r = *running;
  if (!r.piece.empty() && !r.sink.write_at(r.place, r.piece)) {
    r.sink.on_room([this, weak = std::weak_ptr(running)] {
      const Shared alive = weak.lock();
      if (alive && running_.contains(alive->request.transfer)) offer(alive);
    });
    return;
  }
  if (!r.piece.empty()) meters_.add(r.request.job, r.piece.size(), loop_.now());
  r.place += r.piece.size();
  r.at += r.piece.size();
  r.received += r.piece.size();
  r.piece.clear();
  if (r.at == r.until) return answer_ended(running, std::nullopt);
  read_on(running);
}

// --- its end -------------------------------------------------------------------------------------

void LocalTransport::answer_ended(const Shared& running, const std::optional<base::Error>& broken) {
  const auto now = std::chrono::time_point_cast<base::Microseconds>(std::chrono::system_clock::now());
  auto ending = running->talk.end(running->received, broken, now);
  if (!ending) return open(running);
  if (!ending->error) {
    if (running->request.options.acl != 0) running->sink.take_over(running->source.rights);
    running->sink.end_of_data();
  }
  end(running, *std::move(ending));
}

void LocalTransport::end(const Shared& running, core::Ending ending) {
  const base::TransferId transfer = running->request.transfer;
  running_.erase(transfer);
  inbox_.post(ports::TransferEnded{.transfer = transfer,
                                   .error = std::move(ending.error),
                                   .retry_after = {},
                                   .unknown_server = {},
                                   .doubt = ending.doubt});
}

}  // namespace backhaul::posix
