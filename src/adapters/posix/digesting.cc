// SPDX-License-Identifier: Apache-2.0
// The digests of a whole part, and of its pieces.
#include <sys/stat.h>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapters/posix/computation.h"
#include "adapters/posix/failure.h"
#include "adapters/posix/part_file.h"
#include "adapters/posix/read_at.h"
#include "adapters/posix/signature_check.h"

namespace backhaul::posix {
namespace {

using base::Code;

constexpr std::size_t digest_piece = 1024 * 1024;

// One digest after the other, of the pieces of a stream.
class PieceComputation {
 public:
  explicit PieceComputation(core::PieceSize size) : size_(size) {}
  base::Result<void> add(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      if (!piece_) piece_.emplace(size_.algorithm);
      const auto part = bytes.first(std::min<std::uint64_t>(bytes.size(), size_.length - taken_));
      piece_->add(part);
      taken_ += part.size();
      bytes = bytes.subspan(part.size());
      if (taken_ == size_.length) BH_CHECK(end_piece());
    }
    return {};
  }
  base::Result<std::string> end() {
    if (piece_) BH_CHECK(end_piece());
    return std::move(hex_);
  }

 private:
  base::Result<void> end_piece() {
    BH_TRY(const core::Digest digest, piece_->end());
    hex_ += digest.hex;
    piece_.reset();
    taken_ = 0;
    return {};
  }

  const core::PieceSize size_;
  std::optional<Computation> piece_;
  std::uint64_t taken_ = 0;
  std::string hex_;
};

}  // namespace

base::Result<PartFile::Digests> PartFile::digest(const ports::DigestOrder& order) const {
  const std::string path = directory_->path() + "/" + name_;
  auto opened = directory_->open_file(name_, Purpose::read);
  if (!opened) return failure("read", path, opened.error());
  const Descriptor fd = *std::move(opened);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return failure("look at", path);
  if (!S_ISREG(info.st_mode) || info.st_ino != inode_)
    return local_error(Code::BG_E_LOCAL_FILE_CHANGED, path + " is another file than was written.");
  std::vector<Computation> computations(order.algorithms.begin(), order.algorithms.end());
  const std::uint64_t end = written_.end();
  std::optional<PieceComputation> pieces;
  if (order.pieces && core::piece_count(*order.pieces, end) <= core::pieces_max)
    pieces.emplace(*order.pieces);
  std::vector<std::byte> piece(digest_piece);
  for (std::uint64_t at = 0; at < end;) {
    if (digest_stopped_) return local_error(Code::E_ABORT, path + " is not wanted any more.");
    const auto part = std::span(piece).first(std::min<std::uint64_t>(piece.size(), end - at));
    BH_TRY(const std::size_t there, read_at(fd.get(), part, at, path));
    if (there < part.size()) return failure("read", path, EIO);
    for (Computation& computation : computations) computation.add(part);
    if (pieces) BH_CHECK(pieces->add(part));
    at += there;
  }
  Digests digests;
  for (Computation& computation : computations) {
    BH_TRY(core::Digest digest, computation.end());
    digests.whole.push_back(std::move(digest));
  }
  if (pieces) {
    BH_TRY(digests.pieces, pieces->end());
  }
  if (order.signature) {
    BH_TRY(digests.forged, check_signature(*order.signature, fd.get(), digest_stopped_));
  }
  return digests;
}

}  // namespace backhaul::posix
