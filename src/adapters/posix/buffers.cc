// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/buffers.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace backhaul::posix {

std::optional<Buffer> Buffer::make(std::size_t capacity, bool mapped) {
  if (!mapped) {
    Memory memory(new (std::nothrow) std::byte[capacity]);
    return memory ? std::optional(Buffer(std::move(memory), capacity)) : std::nullopt;
  }
  void* memory = mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return std::nullopt;
  return Buffer(Memory(static_cast<std::byte*>(memory), FreeBytes{capacity}), capacity);
}

void FreeBytes::operator()(std::byte* memory) const {
  if (mapped == 0)
    delete[] memory;
  else
    munmap(memory, mapped);
}

bool Buffer::aligned() const {
  return size_ > 0 && (reinterpret_cast<std::uintptr_t>(memory_.get()) | place_ | size_) % block_size == 0;
}

std::size_t Buffer::append(std::span<const std::byte> data) {
  const std::size_t taken = std::min(data.size(), capacity_ - size_);
  std::memcpy(memory_.get() + size_, data.data(), taken);
  size_ += taken;
  return taken;
}

std::optional<Buffer> BufferPool::take(std::size_t capacity) {
  if (capacity < buffer_) return Buffer::make(capacity, false);
  if (spare_.empty()) return Buffer::make(buffer_, true);
  Buffer buffer = std::move(spare_.back());
  spare_.pop_back();
  return buffer;
}

void BufferPool::give_back(Buffer buffer) {
  if (buffer.capacity() != buffer_) return;
  buffer.clear();
  spare_.push_back(std::move(buffer));
}

}  // namespace backhaul::posix
