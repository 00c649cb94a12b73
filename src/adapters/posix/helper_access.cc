// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/helper_access.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "adapters/posix/file_helper.h"
#include "adapters/posix/held_directories.h"
#include "os/packet.h"

namespace backhaul::posix {
namespace {

constexpr unsigned tries = 2;

// A directory is sent along, nowhere is not.
std::span<const int> along(const int& directory) {
  return directory == Access::nowhere ? std::span<const int>() : std::span(&directory, 1);
}

}  // namespace

// --- lines -------------------------------------------------------------------------------------------

// With the lock held, as the next one: whoever needs this helper waits until it is there.
Tried<void> HelperAccess::begin_helper() {
  auto sockets = os::packet_line();
  if (!sockets) return untried(EMFILE);
  if (!start_(std::move(sockets->second))) return untried(helper_gone);
  AnswerBytes said;
  const auto packet = os::receive_packet(sockets->first.get(), said);
  const auto answer = packet ? decode_answer(std::span(said).first(packet->size)) : std::nullopt;
  if (!answer) return untried(helper_gone);
  if (answer->error != 0) return untried(answer->error);
  helper_ = std::move(sockets->first);
  ++helpers_;
  lines_ = 0;
  free_.clear();
  return {};
}

bool HelperAccess::rests() {
  const std::scoped_lock lock(mutex_);
  pollfd helper{helper_.get(), 0, 0};
  return !helper_ || (poll(&helper, 1, 0) > 0 && (helper.revents & (POLLHUP | POLLERR)) != 0);
}

Tried<HelperAccess::Line> HelperAccess::lay_line() {
  if (!helper_)
    if (const auto begun = begin_helper(); !begun) return untried(begun.error());
  auto sockets = os::packet_line();
  if (!sockets) return untried(EMFILE);
  const std::array word{std::byte{'l'}};
  const std::array theirs{sockets->second.get()};
  if (!os::send_packet(helper_.get(), word, theirs)) {
    helper_.reset();
    return untried(helper_gone);
  }
  ++lines_;
  return Line{std::move(sockets->first), helpers_, std::make_unique<RequestBytes>()};
}

Tried<HelperAccess::Line> HelperAccess::take_line() {
  std::unique_lock lock(mutex_);
  given_back_.wait(lock, [this] { return !helper_ || !free_.empty() || lines_ < helper_lines_max; });
  if (!helper_ || free_.empty()) return lay_line();
  Line line = std::move(free_.back());
  free_.pop_back();
  return line;
}

void HelperAccess::give_back(Line line) {
  const std::scoped_lock lock(mutex_);
  if (line.helper == helpers_ && helper_) free_.push_back(std::move(line));
  given_back_.notify_one();
}

// The others find out as well, if they use one of its lines.
void HelperAccess::lost(const Line& line) {
  const std::scoped_lock lock(mutex_);
  if (line.helper == helpers_) helper_.reset();
  given_back_.notify_all();
}

// --- requests ----------------------------------------------------------------------------------------

std::optional<HelperAccess::Reply> HelperAccess::converse(Line& line, const FileRequest& request,
                                                          std::span<const int> descriptors) {
  const auto bytes = encode(request, descriptors.size(), *line.bytes);
  if (!bytes || !os::send_packet(line.socket.get(), *bytes, descriptors)) return std::nullopt;
  AnswerBytes answered;
  auto packet = os::receive_packet(line.socket.get(), answered);
  if (!packet) return std::nullopt;
  const auto answer = decode_answer(std::span(answered).first(packet->size));
  if (!answer || packet->count != (answer->error == 0 && opens(request.operation) ? 1U : 0U)) return std::nullopt;
  return Reply{*answer, std::move(packet->descriptors[0])};
}

Tried<HelperAccess::Reply> HelperAccess::ask(const FileRequest& request, std::span<const int> descriptors) {
  for (unsigned i = 0; i < tries; ++i) {
    auto line = take_line();
    if (!line && line.error() == helper_gone) continue;
    if (!line) return untried(line.error());
    // What has no place in the protocol is no fault of the helper.
    if (!encode(request, descriptors.size(), *line->bytes)) {
      give_back(*std::move(line));
      return untried(ENAMETOOLONG);
    }
    auto reply = converse(*line, request, descriptors);
    if (!reply) {
      lost(*line);
      continue;
    }
    give_back(*std::move(line));
    if (reply->answer.error != 0) return untried(reply->answer.error);
    return *std::move(reply);
  }
  return untried(helper_gone);
}

Tried<void> HelperAccess::tell(const FileRequest& request, std::span<const int> descriptors) {
  if (const auto reply = ask(request, descriptors); !reply) return untried(reply.error());
  return {};
}

Tried<Descriptor> HelperAccess::open_by(const FileRequest& request, std::span<const int> descriptors) {
  auto reply = ask(request, descriptors);
  if (!reply) return untried(reply.error());
  return std::move(reply->opened);
}

Tried<Descriptor> HelperAccess::open_directory(const std::string& path, const std::string& root) {
  return open_by({.operation = Operation::open_directory, .text = path, .other = root}, {});
}

Tried<Descriptor> HelperAccess::open(int directory, const std::string& name, Purpose purpose) {
  return open_by({.operation = Operation::open, .purpose = purpose, .text = name}, along(directory));
}

Tried<Descriptor> HelperAccess::open_source(const std::string& path) {
  return open_by({.operation = Operation::open_source, .text = path}, {});
}

Tried<Found> HelperAccess::look(int directory, const std::string& name, bool follow) {
  const auto reply = ask({.operation = Operation::look, .follow = follow, .text = name}, along(directory));
  if (!reply) return untried(reply.error());
  return reply->answer.found;
}

Tried<void> HelperAccess::may_write(int directory, const std::string& path) {
  return tell({.operation = Operation::may_write, .text = path}, along(directory));
}

Tried<void> HelperAccess::rename(int directory, const std::string& from, const std::string& to, int held) {
  const std::array both{directory, held};
  return tell({.operation = Operation::rename, .text = from, .other = to}, both);
}

Tried<void> HelperAccess::unlink(int directory, const std::string& name) {
  return tell({.operation = Operation::unlink, .text = name}, along(directory));
}

Tried<void> HelperAccess::sync(int directory) { return tell({.operation = Operation::sync}, along(directory)); }

Tried<Room> HelperAccess::room(int directory) {
  const auto reply = ask({.operation = Operation::room}, along(directory));
  if (!reply) return untried(reply.error());
  return reply->answer.room;
}

Tried<void> HelperAccess::set_time(int file, base::WallTime modified) {
  return tell({.operation = Operation::set_time,
               .number = static_cast<std::uint64_t>(modified.time_since_epoch().count())},
              along(file));
}

Tried<void> HelperAccess::set_mode(int file, mode_t mode) {
  return tell({.operation = Operation::set_mode, .number = mode}, along(file));
}

Tried<void> HelperAccess::set_usual_mode(int directory, int file) {
  const std::array both{directory, file};
  return tell({.operation = Operation::set_usual_mode}, both);
}

Tried<void> HelperAccess::give(int file, uid_t owner, gid_t group) {
  return tell({.operation = Operation::give, .number = owner, .other_number = group}, along(file));
}

Tried<void> HelperAccess::set_access_list(int file, std::string_view list) {
  return tell({.operation = Operation::set_access_list, .text = list}, along(file));
}

// --- owners ------------------------------------------------------------------------------------------

static std::shared_ptr<HelperAccess> helper_for(const core::Account& account, const ManyOwners::Start& start) {
  return std::make_shared<HelperAccess>([start, account](Descriptor socket) { return start(account, std::move(socket)); });
}

base::Result<std::shared_ptr<Access>> ManyOwners::access_of(const core::Owner& owner) {
  const core::Account account = core::account_of(owner);
  if (const auto known = helpers_.find(account); known != helpers_.end()) return known->second;
  make_room();
  auto helper = helper_for(account, start_);
  auto& held = held_[account];
  if (held == nullptr) held = std::make_shared<HeldDirectories>();
  helper->use(held);
  helpers_.emplace(account, helper);
  return helper;
}

base::Result<std::shared_ptr<Access>> ManyOwners::access_to_remains(const core::Owner& owner) {
  const core::Account account = core::account_of(owner);
  if (!start_for_remains_ || !core::is_watched(owner))
    return base::Error(base::Code::E_ACCESSDENIED, "nobody here acts for user " + std::to_string(owner.uid) +
                                                       ", whose account is gone; its parts stay where they are");
  std::erase_if(for_remains_, [](const auto& one) { return one.second.expired(); });
  if (auto helper = for_remains_[account].lock()) return helper;
  auto helper = helper_for(account, start_for_remains_);
  for_remains_[account] = helper;
  return helper;
}

// Of those whom nobody holds, and whose helper has ended, nothing is lost. There are then never twice as many as are
// needed, and who comes anew pays for a look at each of them once in as many.
void ManyOwners::make_room() {
  if (helpers_.size() < room_) return;
  std::erase_if(helpers_, [](const auto& one) { return one.second.use_count() == 1 && one.second->rests(); });
  room_ = std::max(few, 2 * helpers_.size());
}

}  // namespace backhaul::posix
