// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/file_protocol.h"

#include <cstring>
#include <type_traits>

namespace backhaul::posix {
namespace {

// As it lies in a packet; both ends are the same program on the same machine.
struct RequestHead {
  std::uint8_t operation = 0;
  std::uint8_t purpose = 0;
  std::uint8_t follow = 0;
  std::uint8_t none = 0;
  std::uint32_t text = 0;
  std::uint32_t other = 0;
  std::uint32_t other_number = 0;
  std::uint64_t number = 0;
  std::uint64_t nothing = 0;
};
static_assert(sizeof(RequestHead) == request_head && std::is_trivially_copyable_v<RequestHead>);

struct AnswerHead {
  std::uint32_t error = 0;
  std::uint32_t mode = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t total = 0;
  std::uint64_t free = 0;
  std::uint64_t volume = 0;
};
static_assert(sizeof(AnswerHead) == answer_size && std::is_trivially_copyable_v<AnswerHead>);

constexpr std::uint64_t mode_max = 07777;
constexpr std::uint32_t error_max = 4095;  // the kernel has no more numbers

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= name_max && text != "." && text != ".." &&
         text.find_first_of(std::string_view("/\0", 2)) == text.npos;
}

bool is_path(std::string_view text) {
  return text.starts_with('/') && text.size() <= path_max && text.find('\0') == text.npos;
}

// A name in a directory that came along, or a path.
bool is_either(std::string_view text, std::size_t descriptors) {
  return descriptors == 0 ? is_path(text) : descriptors == 1 && is_name(text);
}

bool has_texts(const FileRequest& request, std::size_t descriptors) {
  const std::string_view text = request.text;
  switch (request.operation) {
    case Operation::open_directory: return descriptors == 0 && is_path(text) && (request.other.empty() || is_path(request.other));
    case Operation::open_source: return descriptors == 0 && is_path(text);
    case Operation::open: return descriptors == 1 && (request.purpose == Purpose::list ? text == "." : is_name(text));
    case Operation::look: return is_either(text, descriptors);
    case Operation::may_write: return descriptors == 1 ? text == "." : is_either(text, descriptors);
    case Operation::rename: return descriptors == 2 && is_name(text) && is_name(request.other);
    case Operation::unlink: return descriptors == 1 && is_name(text);
    case Operation::set_access_list: return descriptors == 1 && !text.empty() && text.size() <= access_list_max;
    case Operation::set_usual_mode: return descriptors == 2 && text.empty();
    case Operation::sync:
    case Operation::room:
    case Operation::set_time:
    case Operation::set_mode:
    case Operation::give: return descriptors == 1 && text.empty();
  }
  return false;
}

// Whatever an operation does not use is as it begins, so that there is one packet for one meaning.
bool is_sound(const FileRequest& request, std::size_t descriptors) {
  if (!has_texts(request, descriptors)) return false;
  const Operation operation = request.operation;
  if (operation != Operation::open_directory && operation != Operation::rename && !request.other.empty()) return false;
  if (operation != Operation::open && request.purpose != Purpose::read) return false;
  if (operation != Operation::look && request.follow) return false;
  if (operation != Operation::give && request.other_number != 0) return false;
  switch (operation) {
    case Operation::set_time: return true;
    case Operation::set_mode: return request.number <= mode_max;
    case Operation::give: return request.number <= UINT32_MAX;
    default: return request.number == 0;
  }
}

}  // namespace

std::optional<std::span<const std::byte>> encode(const FileRequest& request, std::size_t descriptors,
                                                 RequestBytes& into) {
  if (!is_sound(request, descriptors)) return std::nullopt;
  const RequestHead head{.operation = static_cast<std::uint8_t>(request.operation),
                         .purpose = static_cast<std::uint8_t>(request.purpose),
                         .follow = request.follow,
                         .text = static_cast<std::uint32_t>(request.text.size()),
                         .other = static_cast<std::uint32_t>(request.other.size()),
                         .other_number = request.other_number,
                         .number = request.number};
  std::memcpy(into.data(), &head, sizeof head);
  std::size_t size = sizeof head;
  for (const std::string_view text : {request.text, request.other}) {
    text.copy(reinterpret_cast<char*>(into.data()) + size, text.size());
    size += text.size();
  }
  return std::span(into).first(size);
}

std::optional<FileRequest> decode_request(std::span<const std::byte> bytes, std::size_t descriptors) {
  RequestHead head;
  if (bytes.size() < sizeof head || bytes.size() > request_max) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  const std::uint64_t texts = bytes.size() - sizeof head;
  if (std::uint64_t{head.text} + head.other != texts) return std::nullopt;
  if (head.purpose > static_cast<std::uint8_t>(Purpose::list) || head.follow > 1 || head.none != 0 ||
      head.nothing != 0)
    return std::nullopt;
  const std::string_view rest(reinterpret_cast<const char*>(bytes.data()) + sizeof head, texts);
  const FileRequest request{.operation = static_cast<Operation>(head.operation),
                            .purpose = static_cast<Purpose>(head.purpose),
                            .follow = head.follow != 0,
                            .text = rest.substr(0, head.text),
                            .other = rest.substr(head.text),
                            .number = head.number,
                            .other_number = head.other_number};
  if (!is_sound(request, descriptors)) return std::nullopt;
  return request;
}

bool opens(Operation operation) {
  return operation == Operation::open_directory || operation == Operation::open ||
         operation == Operation::open_source;
}

AnswerBytes encode(const FileAnswer& answer) {
  const AnswerHead head{.error = static_cast<std::uint32_t>(answer.error),
                        .mode = answer.found.mode,
                        .device = answer.found.device,
                        .inode = answer.found.inode,
                        .total = answer.room.total,
                        .free = answer.room.free,
                        .volume = answer.room.volume};
  AnswerBytes bytes;
  std::memcpy(bytes.data(), &head, sizeof head);
  return bytes;
}

std::optional<FileAnswer> decode_answer(std::span<const std::byte> bytes) {
  AnswerHead head;
  if (bytes.size() != sizeof head) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  if (head.error > error_max) return std::nullopt;
  return FileAnswer{static_cast<int>(head.error),
                    {head.device, head.inode, head.mode},
                    {head.total, head.free, head.volume}};
}

}  // namespace backhaul::posix
