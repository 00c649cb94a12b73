// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/owner_launcher.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <memory>
#include <span>
#include <utility>

#include "adapters/posix/program_protocol.h"
#include "os/packet.h"

namespace backhaul::posix {

void OwnerLauncher::run(ports::Launch launch) {
  worker_.submit([this, launch = std::move(launch)]() mutable -> loop::Callback {
    const base::Ticket ticket = launch.ticket;
    const auto bytes = std::make_unique<ProgramBytes>();
    const auto told = encode(launch, *bytes);
    auto sockets = os::packet_line();
    // It waits in the socket until somebody reads it.
    const bool started = told && sockets && start_(launch.owner, std::move(sockets->second)) &&
                         os::send_packet(sockets->first.get(), *told);
    if (!started)
      return [this, ticket, uid = launch.owner.uid] {
        unavailable(ticket, "nobody here runs programs for user " + std::to_string(uid));
      };
    return [this, ticket, program = std::move(launch.command.program), socket = std::move(sockets->first)]() mutable {
      begun(ticket, std::move(program), std::move(socket));
    };
  });
}

void OwnerLauncher::begun(base::Ticket ticket, std::string program, Descriptor socket) {
  Run& run = runs_[ticket];
  run.program = std::move(program);
  run.socket = std::move(socket);
  run.answers.emplace(loop_, run.socket.get(), EPOLLIN, [this, ticket](std::uint32_t) { answered(ticket); });
}

void OwnerLauncher::answered(base::Ticket ticket) {
  const auto node = runs_.extract(ticket);
  const Run& run = node.mapped();
  const auto bytes = std::make_unique<ProgramBytes>();
  const auto packet = os::receive_packet(run.socket.get(), *bytes);
  auto ended = packet && packet->count == 0 ? decode_ended(std::span<const std::byte>(*bytes).first(packet->size))
                                            : std::nullopt;
  if (!ended) return unavailable(ticket, run.program + " was started, and nobody knows how it ended");
  ended->ticket = ticket;
  inbox_.post(*std::move(ended));
}

void OwnerLauncher::unavailable(base::Ticket ticket, std::string text) {
  inbox_.post(ports::DeliveryEnded{ticket, ports::NotifyOutcome::unavailable, base::Code::E_ACCESSDENIED,
                                   std::move(text)});
}

std::optional<ports::Launch> hear_launch(int socket) {
  const auto bytes = std::make_unique<ProgramBytes>();
  const auto packet = os::receive_packet(socket, *bytes);
  if (!packet || packet->count != 0) return std::nullopt;
  auto launch = decode_launch(std::span<const std::byte>(*bytes).first(packet->size));
  if (launch) launch->owner.uid = launch->command.uid = geteuid();
  return launch;
}

void say_ended(int socket, const ports::DeliveryEnded& ended) {
  const auto bytes = std::make_unique<ProgramBytes>();
  os::send_packet(socket, encode(ended, *bytes));
}

}  // namespace backhaul::posix
