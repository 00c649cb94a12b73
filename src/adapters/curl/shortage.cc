// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/shortage.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "core/judge.h"

namespace backhaul::curl {
namespace {

std::atomic<unsigned> refusals = 0;

template <class Memory>
Memory* counted(Memory* memory) {
  if (memory == nullptr) refusals.fetch_add(1, std::memory_order_relaxed);
  return memory;
}

// What is larger is a buffer of bodies, which no password comes to.
constexpr std::size_t wiped_max = 256U * 1024U;

// Such a buffer comes and goes with every request, and malloc tidies up all of its memory for each piece of that
// size. As many as the requests of one job are kept for the next ones.
class Spare {
 public:
  void* take(std::size_t size) {
    if (size <= wiped_max) return nullptr;
    const std::scoped_lock lock(mutex_);
    if (count_ == 0 || malloc_usable_size(buffers_[count_ - 1]) < size) return nullptr;
    return buffers_[--count_];
  }
  bool keep(void* memory) {
    const std::scoped_lock lock(mutex_);
    if (count_ == buffers_.size()) return false;
    buffers_[count_++] = memory;
    return true;
  }
  void drop() {
    const std::scoped_lock lock(mutex_);
    while (count_ > 0) std::free(buffers_[--count_]);
  }

 private:
  std::mutex mutex_;
  std::array<void*, 16> buffers_{};
  std::size_t count_ = 0;
};

constinit Spare spare;

// libcurl keeps passwords, and the requests that it makes with them, in memory like any other.
void release(void* memory) {
  if (memory == nullptr) return;
  const std::size_t size = malloc_usable_size(memory);
  if (size > wiped_max && spare.keep(memory)) return;
  if (size <= wiped_max) explicit_bzero(memory, size);
  std::free(memory);
}

void* reallocate(void* memory, std::size_t size) {
  const std::size_t before = memory == nullptr ? 0 : malloc_usable_size(memory);
  if (before == 0 || before > wiped_max) return counted(std::realloc(memory, size));
  void* const moved = counted(std::malloc(size));
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, memory, before < size ? before : size);
  release(memory);
  return moved;
}
void* allocate_zeros(std::size_t count, std::size_t size) { return counted(std::calloc(count, size)); }
char* duplicate(const char* text) { return counted(strdup(text)); }

}  // namespace

bool is_shortage(int error) { return core::is_shortage(base::code_from_errno(error)); }

int short_of_descriptors(int count) {
  std::array<int, 16> taken{};
  int error = 0;
  int n = 0;
  for (; n < count && n < static_cast<int>(taken.size()); ++n) {
    taken[static_cast<std::size_t>(n)] = eventfd(0, EFD_CLOEXEC);
    if (taken[static_cast<std::size_t>(n)] >= 0) continue;
    error = errno;
    break;
  }
  while (n > 0) close(taken[static_cast<std::size_t>(--n)]);
  return is_shortage(error) ? error : 0;
}

void* allocate(std::size_t size) {
  if (void* kept = spare.take(size)) return kept;
  return counted(std::malloc(size));
}

void drop_spare_buffers() { spare.drop(); }

unsigned refused_allocations() { return refusals.load(std::memory_order_relaxed); }

CURLcode init_libcurl() {
  return curl_global_init_mem(CURL_GLOBAL_DEFAULT, &allocate, &release, &reallocate, &duplicate,
                              &allocate_zeros);
}

}  // namespace backhaul::curl
