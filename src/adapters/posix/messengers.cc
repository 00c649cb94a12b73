// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/messengers.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <span>
#include <utility>

#include "adapters/posix/failure.h"
#include "core/owner.h"
#include "os/packet.h"

namespace backhaul::posix {

Messengers::Messengers(loop::Loop& loop, ports::Inbox& inbox, Start start, Options options)
    : loop_(loop),
      inbox_(inbox),
      start_(std::move(start)),
      options_(options),
      bytes_(message_max),
      rest_(loop, std::chrono::seconds(1), [this] { end_those_that_rest(); }),
      worker_(loop, 1) {}

Messengers::Messengers(loop::Loop& loop, ports::Inbox& inbox, Start start)
    : Messengers(loop, inbox, std::move(start), Options()) {}

void Messengers::notify(ports::Notification notification) {
  const core::Account account = core::account_of(notification.owner);
  const auto [found, is_new] = all_.try_emplace(account);
  Messenger& messenger = found->second;
  messenger.under_way.insert(notification.ticket);
  messenger.jobs.insert(notification.job);
  messenger.rests_since = base::never;
  if (is_new) begin(account, messenger);
  tell(account, messenger, Errand(std::move(notification)));
}

void Messengers::release_instance(const base::JobId& job) {
  for (auto found = all_.begin(); found != all_.end();) {
    const auto one = found++;  // it may be lost meanwhile
    if (one->second.jobs.erase(job) == 0) continue;
    look_at_rest(one->second);
    tell(one->first, one->second, ReleaseInstance{job});
  }
}

void Messengers::begin(const core::Account& account, Messenger& messenger) {
  messenger.number = ++last_;
  worker_.submit([this, account, number = messenger.number]() -> loop::Callback {
    auto sockets = os::packet_line();
    const bool started = sockets && start_(account, std::move(sockets->second));
    if (!started)
      return [this, account, number] {
        const auto found = all_.find(account);
        if (found == all_.end() || found->second.number != number) return;
        lost(account, base::Code::E_ACCESSDENIED, "nobody here speaks for user " + std::to_string(account.uid));
      };
    return [this, account, number, socket = std::move(sockets->first)]() mutable {
      begun(account, number, std::move(socket));
    };
  });
}

void Messengers::begun(const core::Account& account, std::uint64_t number, Descriptor socket) {
  const auto found = all_.find(account);
  if (found == all_.end() || found->second.number != number) return;
  Messenger& messenger = found->second;
  // Nobody is waited for in a turn, so what is not read is refused.
  fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  messenger.socket = std::move(socket);
  messenger.reports.emplace(loop_, messenger.socket.get(), EPOLLIN,
                            [this, account](std::uint32_t) { reported(account); });
  for (const Errand& errand : std::exchange(messenger.first, {})) {
    const auto still_there = all_.find(account);
    if (still_there == all_.end() || still_there->second.number != number) return;
    tell(account, still_there->second, errand);
  }
}

void Messengers::tell(const core::Account& account, Messenger& messenger, const Errand& errand) {
  if (!messenger.socket) return messenger.first.push_back(errand);
  const auto bytes = encode_errand(errand);
  if (!bytes) {
    if (const auto* told = std::get_if<ports::Notification>(&errand))
      refuse(messenger, told->ticket, base::Code::E_INVALIDARG, "there is too much of it for one packet");
    return;
  }
  if (!os::send_packet(messenger.socket.get(), *bytes))
    lost(account, base::Code::E_FAIL, "it does not read what it is told");
}

void Messengers::reported(const core::Account& account) {
  const auto found = all_.find(account);
  if (found == all_.end()) return;
  const auto packet = os::receive_packet(found->second.socket.get(), bytes_);
  auto report = packet && packet->count == 0 ? decode_report(std::span<const std::byte>(bytes_).first(packet->size))
                                             : std::nullopt;
  if (!report || !take(account, found->second, *std::move(report)))
    lost(account, base::Code::E_FAIL, "it has ended before it said what became of it");
}

// False: it tells of what it was not asked for.
bool Messengers::take(const core::Account& account, Messenger& messenger, Report report) {
  if (std::holds_alternative<BusIsThere>(report)) {
    inbox_.post(ports::SessionBegan{account.uid});
    return true;
  }
  if (const auto* none = std::get_if<NoMessenger>(&report)) {
    base::Error why = no_process(none->error);
    lost(account, why.code, std::move(why.text));
    return true;
  }
  auto& ended = std::get<ports::DeliveryEnded>(report);
  if (messenger.under_way.erase(ended.ticket) == 0) return false;
  inbox_.post(std::move(ended));
  look_at_rest(messenger);
  return true;
}

void Messengers::refuse(Messenger& messenger, base::Ticket ticket, base::Code code, std::string text) {
  messenger.under_way.erase(ticket);
  inbox_.post(ports::DeliveryEnded{ticket, ports::NotifyOutcome::failed, code, std::move(text)});
}

// What was told may have been heard: it is told again, as it is whenever nobody knows. Where none could be started
// nobody heard it.
void Messengers::lost(const core::Account& account, base::Code code, const std::string& why) {
  const auto node = all_.extract(account);
  if (node.empty()) return;
  const auto outcome =
      code == base::Code::E_ACCESSDENIED ? ports::NotifyOutcome::unavailable : ports::NotifyOutcome::failed;
  const std::string text = "the process for the session of user " + std::to_string(account.uid) + ": " + why;
  for (const base::Ticket ticket : node.mapped().under_way)
    inbox_.post(ports::DeliveryEnded{ticket, outcome, code, text});
}

void Messengers::look_at_rest(Messenger& messenger) {
  const bool rests = messenger.under_way.empty() && messenger.jobs.empty();
  if (!rests || messenger.rests_since != base::never) return;
  messenger.rests_since = loop_.now();
  if (!rest_.armed()) rest_.arm(messenger.rests_since + options_.idle_limit);
}

// It ends with its socket.
void Messengers::end_those_that_rest() {
  const base::BootTime now = loop_.now();
  base::BootTime next = base::never;
  std::erase_if(all_, [&](const auto& entry) {
    const base::BootTime since = entry.second.rests_since;
    if (since == base::never) return false;
    if (since + options_.idle_limit <= now) return true;
    next = std::min(next, since + options_.idle_limit);
    return false;
  });
  rest_.arm(next);
}

std::optional<Errand> hear_errand(int socket) {
  MessageBytes bytes(message_max);
  const auto packet = os::receive_packet(socket, bytes);
  if (!packet || packet->count != 0) return std::nullopt;
  return decode_errand(std::span<const std::byte>(bytes).first(packet->size));
}

bool say_report(int socket, const Report& report) { return os::send_packet(socket, encode_report(report)); }

}  // namespace backhaul::posix
