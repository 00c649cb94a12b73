// SPDX-License-Identifier: Apache-2.0
#include "daemon/stepping_page.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "state/state_file.h"

namespace backhaul::daemon {
namespace {

constexpr std::uint32_t page_magic = 0x42485031;  // "BHP1"
constexpr std::size_t page_size = 4096;
constexpr std::uint32_t crashes_until_poisoned = 2;

}  // namespace

struct SteppingPage::Page {
  std::uint32_t magic;
  std::atomic<std::uint32_t> inside;  // 1 while `current` is being stepped
  base::JobId current;
  std::uint32_t crashes;  // runs in a row that ended inside a step of `last`
  base::JobId last;
};

base::Result<std::unique_ptr<SteppingPage>> SteppingPage::open(const std::string& state_folder) {
  static_assert(sizeof(Page) <= page_size);
  const std::string path = state_folder + "/stepping";
  BH_TRY(const int fd, state::open_file(path, O_RDWR | O_CREAT));
  // posix_fallocate: a page that only finds out at the first store that the disk is full is SIGBUS.
  int problem = posix_fallocate(fd, 0, page_size);
  void* memory = MAP_FAILED;
  if (problem == 0) {
    memory = mmap(nullptr, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) problem = errno;
  }
  close(fd);
  if (problem != 0) {
    return base::Error{base::code_from_errno(problem), path + ": " + std::strerror(problem)};
  }
  Page* page = static_cast<Page*>(memory);
  if (page->magic != page_magic) {
    std::memset(memory, 0, page_size);
    page->magic = page_magic;
  }
  if (page->inside.load() == 0) {
    page->crashes = 0;
  } else {
    page->crashes = page->crashes > 0 && page->last == page->current ? page->crashes + 1 : 1;
    page->last = page->current;
    page->inside.store(0);
  }
  return std::unique_ptr<SteppingPage>(new SteppingPage(page));
}

SteppingPage::~SteppingPage() { munmap(page_, page_size); }

void SteppingPage::begin(const base::JobId& job) {
  page_->current = job;
  page_->inside.store(1, std::memory_order_release);  // after the id, as a crash sees it
}

void SteppingPage::end() { page_->inside.store(0, std::memory_order_release); }

std::optional<base::JobId> SteppingPage::poisoned() const {
  if (page_->crashes < crashes_until_poisoned) return std::nullopt;
  return page_->last;
}

}  // namespace backhaul::daemon
