// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/messenger_protocol.h"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "adapters/posix/file_protocol.h"

namespace backhaul::posix {
namespace {

constexpr std::byte notify_mark{'N'};
constexpr std::byte release_mark{'R'};
constexpr std::byte delivery_mark{'D'};
constexpr std::byte bus_mark{'B'};
constexpr std::size_t name_of_bus_max = 255;  // what a bus takes
constexpr std::size_t object_path_max = 4096;
constexpr std::size_t told_text_max = 4096;

class Filling {
 public:
  explicit Filling(std::byte mark) { bytes_.push_back(mark); }

  template <class Number>
  Filling& number(Number value) {
    const auto* first = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), first, first + sizeof value);
    return *this;
  }
  Filling& id(const base::JobId& job) {
    for (const std::uint8_t octet : job.bytes) bytes_.push_back(std::byte{octet});
    return *this;
  }
  Filling& text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    for (const char letter : value) bytes_.push_back(static_cast<std::byte>(letter));
    return *this;
  }
  MessageBytes take() { return std::move(bytes_); }

 private:
  MessageBytes bytes_;
};

// Whatever does not fit makes all of it wrong.
class Emptying {
 public:
  explicit Emptying(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class Number>
  Number number() {
    Number value{};
    if (const auto part = take(sizeof value); !part.empty()) std::memcpy(&value, part.data(), sizeof value);
    return value;
  }
  base::JobId id() {
    base::JobId job;
    const auto part = take(job.bytes.size());
    if (!part.empty()) std::memcpy(job.bytes.data(), part.data(), part.size());
    return job;
  }
  std::string text(std::size_t most) {
    const auto size = number<std::uint32_t>();
    if (size > most) good_ = false;
    const auto part = take(size);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }
  std::size_t left() const { return rest_.size(); }
  bool is_over() const { return good_ && rest_.empty(); }
  bool is_good() const { return good_; }

 private:
  std::span<const std::byte> take(std::size_t size) {
    if (!good_ || rest_.size() < size) {
      good_ = false;
      return {};
    }
    const auto part = rest_.first(size);
    rest_ = rest_.subspan(size);
    return part;
  }

  std::span<const std::byte> rest_;
  bool good_ = true;
};

std::optional<MessageBytes> encode_notification(const ports::Notification& told) {
  const auto* target = std::get_if<ports::ClassTarget>(&told.target);
  if (target == nullptr) return std::nullopt;  // an object is not on that bus
  const auto& [name, path] = target->registration;
  if (name.size() > name_of_bus_max || path.size() > object_path_max) return std::nullopt;
  Filling bytes(notify_mark);
  bytes.number(static_cast<std::uint64_t>(told.ticket)).id(told.job);
  bytes.number(static_cast<std::uint8_t>(told.kind)).number(told.sequence).number(told.file);
  bytes.number(static_cast<std::int64_t>(target->start_timeout.count())).text(name).text(path);
  bytes.number(static_cast<std::uint32_t>(told.error.code)).number(static_cast<std::uint8_t>(told.error.context));
  bytes.number(told.error.file).text(std::string_view(told.error.text).substr(0, told_text_max));
  for (const core::Extent& range : told.ranges) bytes.number(range.begin).number(range.end);
  MessageBytes message = bytes.take();
  if (message.size() > message_max) return std::nullopt;
  return message;
}

bool is_known(core::NotifyKind kind) {
  return kind > core::NotifyKind::none && kind <= core::NotifyKind::file_ranges_transferred;
}

std::optional<Errand> decode_notification(Emptying bytes) {
  ports::Notification told;
  ports::ClassTarget target;
  told.ticket = base::Ticket{bytes.number<std::uint64_t>()};
  told.job = bytes.id();
  told.kind = static_cast<core::NotifyKind>(bytes.number<std::uint8_t>());
  told.sequence = bytes.number<std::uint64_t>();
  told.file = bytes.number<std::uint32_t>();
  target.start_timeout = base::Microseconds(bytes.number<std::int64_t>());
  target.registration.name = bytes.text(name_of_bus_max);
  target.registration.path = bytes.text(object_path_max);
  told.error.code = static_cast<base::Code>(bytes.number<std::uint32_t>());
  told.error.context = static_cast<base::ErrorContext>(bytes.number<std::uint8_t>());
  told.error.file = bytes.number<std::uint32_t>();
  told.error.text = bytes.text(told_text_max);
  while (bytes.is_good() && bytes.left() > 0) {
    core::Extent range;
    range.begin = bytes.number<std::uint64_t>();
    range.end = bytes.number<std::uint64_t>();
    if (range.end <= range.begin) return std::nullopt;
    told.ranges.push_back(range);
  }
  constexpr base::Microseconds longest = std::chrono::hours(1);
  const bool in_bounds = target.start_timeout >= base::Microseconds(0) && target.start_timeout <= longest;
  if (!bytes.is_over() || !is_known(told.kind) || !in_bounds || target.registration.name.empty()) return std::nullopt;
  if (!target.registration.path.starts_with('/')) return std::nullopt;
  told.target = std::move(target);
  return Errand(std::move(told));
}

std::optional<Report> decode_delivery(Emptying bytes) {
  ports::DeliveryEnded ended;
  ended.ticket = base::Ticket{bytes.number<std::uint64_t>()};
  const auto outcome = bytes.number<std::uint8_t>();
  ended.result = static_cast<base::Code>(bytes.number<std::uint32_t>());
  ended.text = bytes.text(told_text_max);
  if (!bytes.is_over() || outcome > static_cast<std::uint8_t>(ports::NotifyOutcome::unsupported)) return std::nullopt;
  ended.outcome = static_cast<ports::NotifyOutcome>(outcome);
  return Report(std::move(ended));
}

}  // namespace

std::optional<MessageBytes> encode_errand(const Errand& errand) {
  if (const auto* told = std::get_if<ports::Notification>(&errand)) return encode_notification(*told);
  return Filling(release_mark).id(std::get<ReleaseInstance>(errand).job).take();
}

std::optional<Errand> decode_errand(std::span<const std::byte> bytes) {
  if (bytes.empty()) return std::nullopt;
  Emptying rest(bytes.subspan(1));
  if (bytes[0] == notify_mark) return decode_notification(rest);
  if (bytes[0] != release_mark) return std::nullopt;
  const ReleaseInstance release{rest.id()};
  if (!rest.is_over()) return std::nullopt;
  return Errand(release);
}

MessageBytes encode_report(const Report& report) {
  if (const auto* ended = std::get_if<ports::DeliveryEnded>(&report)) {
    Filling bytes(delivery_mark);
    bytes.number(static_cast<std::uint64_t>(ended->ticket)).number(static_cast<std::uint8_t>(ended->outcome));
    bytes.number(static_cast<std::uint32_t>(ended->result));
    return bytes.text(std::string_view(ended->text).substr(0, told_text_max)).take();
  }
  if (const auto* none = std::get_if<NoMessenger>(&report)) {
    const AnswerBytes answer = encode(FileAnswer{.error = none->error});
    return {answer.begin(), answer.end()};
  }
  return Filling(bus_mark).take();
}

std::optional<Report> decode_report(std::span<const std::byte> bytes) {
  if (bytes.empty()) return std::nullopt;
  if (bytes[0] == bus_mark && bytes.size() == 1) return Report(BusIsThere{});
  // First, since the launcher's answer has no mark of its own; none of it reads as a delivery.
  if (bytes[0] == delivery_mark)
    if (auto ended = decode_delivery(Emptying(bytes.subspan(1)))) return ended;
  const auto refused = decode_answer(bytes);
  if (!refused || refused->error == 0) return std::nullopt;
  return Report(NoMessenger{refused->error});
}

}  // namespace backhaul::posix
