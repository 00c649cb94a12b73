// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/pages.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "state/state_file.h"

namespace backhaul::sqlite {

std::uint32_t short_at(const Page& page, std::size_t at) {
  return static_cast<std::uint32_t>(page[at]) << 8 | page[at + 1];
}

void put_short(Page& page, std::size_t at, std::size_t value) {
  page[at] = static_cast<std::uint8_t>(value >> 8);
  page[at + 1] = static_cast<std::uint8_t>(value);
}

std::uint32_t number_at(const Page& page, std::size_t at) {
  return static_cast<std::uint32_t>(page[at]) << 24 | static_cast<std::uint32_t>(page[at + 1]) << 16 |
         static_cast<std::uint32_t>(page[at + 2]) << 8 | page[at + 3];
}

void put_number(Page& page, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) page[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

base::Error cannot(std::string_view what, int error) {
  return {base::code_from_errno(error), base::ErrorContext::general_queue_manager,
          "Cannot " + std::string(what) + ": " + std::generic_category().message(error)};
}

Pages::Pages(const std::string& path, int flags)
    : fd_(state::open_file(path, flags).value_or(-1)) {}

std::uint64_t Pages::size() const {
  struct stat info {};
  return opened() && fstat(fd_.get(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

bool Pages::read(Page& page, std::uint64_t offset) const {
  std::fill(page.begin(), page.end(), std::uint8_t{0});
  std::size_t done = 0;
  while (opened() && done < page.size()) {
    const ssize_t got = pread(fd_.get(), page.data() + done, page.size() - done,
                              static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done > 0;
}

base::Result<void> Pages::write(const Page& page, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < page.size()) {
    const ssize_t put = pwrite(fd_.get(), page.data() + done, page.size() - done,
                               static_cast<off_t>(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return cannot("write what is left of the queue", put == 0 ? ENOSPC : errno);
    done += static_cast<std::size_t>(put);
  }
  return {};
}

}  // namespace backhaul::sqlite
