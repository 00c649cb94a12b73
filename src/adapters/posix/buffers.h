// SPDX-License-Identifier: Apache-2.0
// Memory between the transport and the disk. Full buffers come from the kernel and go back to it,
// so that the service is small again when nothing is transferred. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace backhaul::posix {

// What a disk may want of what goes past the page cache; few want less, hardly any more.
inline constexpr std::size_t block_size = 4096;

struct FreeBytes {
  std::size_t mapped = 0;  // length of the mapping; 0: from the heap
  void operator()(std::byte* memory) const;
};

class Buffer {
 public:
  Buffer() = default;
  // Unset: there is no memory for it.
  static std::optional<Buffer> make(std::size_t capacity, bool mapped);

  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == capacity_; }
  std::size_t capacity() const { return capacity_; }
  std::span<const std::byte> data() const { return {memory_.get(), size_}; }
  // Where its first byte lies in the part. Only of an empty one.
  void begin_at(std::uint64_t place) { place_ = place; }
  std::uint64_t place() const { return place_; }
  std::uint64_t end() const { return place_ + size_; }
  // In memory and in the part, so that it may go past the page cache.
  bool aligned() const;
  void clear() { size_ = 0; }
  // Takes as much of `data` as fits; returns how much.
  std::size_t append(std::span<const std::byte> data);

 private:
  using Memory = std::unique_ptr<std::byte[], FreeBytes>;
  Buffer(Memory memory, std::size_t capacity) : memory_(std::move(memory)), capacity_(capacity) {}

  Memory memory_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  std::uint64_t place_ = 0;
};

class BufferPool {
 public:
  // `buffer`: capacity of a full buffer. `limit`: bytes that may wait for the disk, all sinks
  // together.
  BufferPool(std::size_t buffer, std::size_t limit) : buffer_(buffer), limit_(limit) {}

  std::size_t full_size() const { return buffer_; }
  std::size_t limit() const { return limit_; }
  std::optional<Buffer> take(std::size_t capacity);  // likewise
  void give_back(Buffer buffer);
  void drop_spare() { spare_.clear(); }

  // A sink that has less to write waits for more, as long as there is room.
  std::size_t worth_an_order() const { return limit_ / 8; }
  bool has_room(std::size_t bytes) const { return waiting_ + bytes <= limit_; }
  bool half_empty() const { return waiting_ <= limit_ / 2; }
  void add_waiting(std::size_t bytes) { waiting_ += bytes; }
  void remove_waiting(std::size_t bytes) { waiting_ -= bytes; }

 private:
  const std::size_t buffer_;
  const std::size_t limit_;
  std::size_t waiting_ = 0;
  std::vector<Buffer> spare_;
};

}  // namespace backhaul::posix
