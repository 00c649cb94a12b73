// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/program_protocol.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "adapters/posix/failure.h"
#include "adapters/posix/file_protocol.h"

namespace backhaul::posix {
namespace {

constexpr std::byte end_mark{'E'};
constexpr std::size_t id_size = sizeof(base::JobId::bytes);
constexpr std::size_t head_size = 2 + sizeof(std::uint32_t);
constexpr std::size_t text_max = 1024;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void put(ProgramBytes& bytes, std::size_t& at, std::string_view text) {
  std::memcpy(bytes.data() + at, text.data(), text.size());
  at += text.size();
}

}  // namespace

std::optional<std::span<const std::byte>> encode(const ports::Launch& launch, ProgramBytes& bytes) {
  const auto& [program, parameters, uid] = launch.command;
  if (program.empty() || id_size + program.size() + 1 + parameters.size() > bytes.size()) return std::nullopt;
  if (program.find('\0') != std::string::npos || parameters.find('\0') != std::string::npos) return std::nullopt;
  std::memcpy(bytes.data(), launch.job.bytes.data(), id_size);
  std::size_t at = id_size;
  put(bytes, at, program);
  put(bytes, at, std::string_view("\0", 1));
  put(bytes, at, parameters);
  return std::span<const std::byte>(bytes).first(at);
}

std::optional<ports::Launch> decode_launch(std::span<const std::byte> bytes) {
  if (bytes.size() <= id_size + 1) return std::nullopt;
  ports::Launch launch;
  std::memcpy(launch.job.bytes.data(), bytes.data(), id_size);
  const std::string_view rest = text_of(bytes.subspan(id_size));
  const std::size_t between = rest.find('\0');
  if (between == 0 || between == std::string_view::npos || rest.find('\0', between + 1) != std::string_view::npos)
    return std::nullopt;
  launch.command.program = rest.substr(0, between);
  launch.command.parameters = rest.substr(between + 1);
  if (!launch.command.program.starts_with('/')) return std::nullopt;
  return launch;
}

std::span<const std::byte> encode(const ports::DeliveryEnded& ended, ProgramBytes& bytes) {
  bytes[0] = end_mark;
  bytes[1] = static_cast<std::byte>(ended.outcome);
  const auto code = static_cast<std::uint32_t>(ended.result);
  std::memcpy(bytes.data() + 2, &code, sizeof code);
  std::size_t at = head_size;
  put(bytes, at, std::string_view(ended.text).substr(0, text_max));
  return std::span<const std::byte>(bytes).first(at);
}

std::optional<ports::DeliveryEnded> decode_ended(std::span<const std::byte> bytes) {
  ports::DeliveryEnded ended;
  if (bytes.size() < head_size || bytes[0] != end_mark) {
    const auto refused = decode_answer(bytes);
    if (!refused || refused->error == 0) return std::nullopt;
    base::Error why = no_process(refused->error);
    ended.outcome = ports::NotifyOutcome::unavailable;
    ended.result = why.code;
    ended.text = std::move(why.text);
    return ended;
  }
  const auto outcome = static_cast<std::uint8_t>(bytes[1]);
  const bool known = outcome == static_cast<std::uint8_t>(ports::NotifyOutcome::answered) ||
                     outcome == static_cast<std::uint8_t>(ports::NotifyOutcome::failed) ||
                     outcome == static_cast<std::uint8_t>(ports::NotifyOutcome::unavailable);
  if (!known || bytes.size() > head_size + text_max) return std::nullopt;
  ended.outcome = static_cast<ports::NotifyOutcome>(outcome);
  std::uint32_t code = 0;
  std::memcpy(&code, bytes.data() + 2, sizeof code);
  ended.result = static_cast<base::Code>(code);
  ended.text = text_of(bytes.subspan(head_size));
  return ended;
}

}  // namespace backhaul::posix
