// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/wal.h"

#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <optional>
#include <span>
#include <system_error>

#include "adapters/sqlite/descriptor.h"
#include "state/state_file.h"

namespace backhaul::sqlite {
namespace {

constexpr std::size_t header_size = 32;
constexpr std::size_t frame_header_size = 24;
constexpr std::uint32_t magic = 0x377F0682;  // the lowest bit says: checksums are big-endian
constexpr std::uint32_t usual_page_size = 4096;

using Bytes = std::span<const std::uint8_t>;
using Sum = std::array<std::uint32_t, 2>;

std::uint32_t big_endian(Bytes bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) << 24 | static_cast<std::uint32_t>(bytes[at + 1]) << 16 |
         static_cast<std::uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
}

// Pairs of words, each added to the other sum. `data` is a multiple of eight bytes long.
Sum add(Sum sum, Bytes data, bool big) {
  const auto word = [&](std::size_t at) {
    const std::uint32_t value = big_endian(data, at);
    return big ? value : std::byteswap(value);
  };
  for (std::size_t i = 0; i + 8 <= data.size(); i += 8) {
    sum[0] += word(i) + sum[1];
    sum[1] += word(i + 4) + sum[0];
  }
  return sum;
}

Sum stored_sum(Bytes bytes, std::size_t at) { return {big_endian(bytes, at), big_endian(bytes, at + 4)}; }

struct Header {
  bool big = false;
  std::uint32_t page_size = usual_page_size;
  std::optional<std::uint64_t> salt;  // unset: the header is damaged, the first sound frame has it as well
  Sum sum{};
};

Header read_header(Bytes bytes) {
  Header header;
  header.sum = stored_sum(bytes, 24);
  const std::uint32_t first = big_endian(bytes, 0);
  header.big = (first | 1U) == (magic | 1U) ? (first & 1U) != 0
                                            : std::endian::native == std::endian::big;
  const std::uint32_t size = big_endian(bytes, 8);
  if (std::has_single_bit(size) && size >= 512 && size <= 65'536) header.page_size = size;
  if (add({}, bytes.first(24), header.big) == header.sum)
    header.salt = static_cast<std::uint64_t>(big_endian(bytes, 16)) << 32 | big_endian(bytes, 20);
  return header;
}

bool read_at(int fd, std::span<std::uint8_t> into, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = pread(fd, into.data() + done, into.size() - done,
                              static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

// Whatever is behind the last commit was never acknowledged.
void finish(Wal& wal, std::optional<std::size_t> first_unsound) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < wal.frames.size(); ++i)
    if (wal.frames[i].sound && wal.frames[i].commit) end = i + 1;
  wal.frames.resize(end);
  wal.broken = first_unsound && *first_unsound < end;
  if (end == 0) wal.page_size = 0;
}

}  // namespace

base::Result<Wal> read_wal(const std::string& path) {
  const auto opened = state::open_file(path, O_RDONLY);
  if (!opened && opened.error().code == base::Code::FILE_NOT_FOUND) return Wal{};
  if (!opened) return opened.error();
  const Descriptor fd(*opened);
  std::array<std::uint8_t, header_size> head{};
  if (!read_at(fd.get(), head, 0)) return Wal{};
  Header header = read_header(head);
  Wal wal{.page_size = header.page_size, .frames = {}, .broken = false};
  // A header that does not verify hides all of the log from SQLite.
  std::optional<std::size_t> first_unsound;
  if (!header.salt) first_unsound = 0;
  std::vector<std::uint8_t> bytes(frame_header_size + header.page_size);
  Sum before = header.sum;
  for (std::uint64_t at = header_size; read_at(fd.get(), bytes, at); at += bytes.size()) {
    const std::uint64_t salt =
        static_cast<std::uint64_t>(big_endian(bytes, 8)) << 32 | big_endian(bytes, 12);
    const Sum own = stored_sum(bytes, 16);
    const Bytes all = bytes;
    const Sum sum = add(add(before, all.first(8), header.big), all.subspan(frame_header_size), header.big);
    before = own;
    const bool verifies = sum == own && big_endian(bytes, 0) != 0;
    if (!header.salt && verifies) header.salt = salt;
    const bool sound = verifies && salt == header.salt;
    if (!sound && !first_unsound) first_unsound = wal.frames.size();
    wal.frames.push_back({.page = big_endian(bytes, 0),
                          .commit = big_endian(bytes, 4) != 0,
                          .sound = sound,
                          .offset = at + frame_header_size});
  }
  finish(wal, first_unsound);
  return wal;
}

}  // namespace backhaul::sqlite
