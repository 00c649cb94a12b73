// SPDX-License-Identifier: Apache-2.0
// The digests of a whole part, and of its pieces. OpenSSL computes them.
#include <openssl/evp.h>
#include <sys/stat.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapters/posix/failure.h"
#include "adapters/posix/part_file.h"
#include "adapters/posix/read_at.h"
#include "adapters/posix/signature_check.h"
#include "base/hex.h"

namespace backhaul::posix {
namespace {

using base::Code;

constexpr std::size_t digest_piece = 1024 * 1024;

const EVP_MD* implementation_of(core::DigestAlgorithm algorithm) {
  switch (algorithm) {
    case core::DigestAlgorithm::sha256: return EVP_sha256();
    case core::DigestAlgorithm::sha512: return EVP_sha512();
    case core::DigestAlgorithm::blake2b_512: return EVP_blake2b512();
    case core::DigestAlgorithm::blake2s_256: return EVP_blake2s256();
    case core::DigestAlgorithm::sha1: return EVP_sha1();
  }
  std::unreachable();
}

// One digest that is being computed; a library that was built, or told, to do without it refuses.
class Computation {
 public:
  explicit Computation(core::DigestAlgorithm algorithm)
      : algorithm_(algorithm), context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    good_ = context_ && EVP_DigestInit_ex(context_.get(), implementation_of(algorithm), nullptr) == 1;
  }
  void add(std::span<const std::byte> bytes) {
    good_ = good_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
  }
  base::Result<core::Digest> end() {
    std::string bytes(core::digest_bytes(algorithm_), '\0');
    unsigned size = 0;
    good_ = good_ && EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                        &size) == 1;
    if (good_ && size == bytes.size()) return core::Digest{algorithm_, base::to_hex(bytes)};
    return local_error(Code::BG_E_INVALID_HASH_ALGORITHM,
                       "OpenSSL computes no " + std::string(core::to_word(algorithm_)) + " here.");
  }

 private:
  core::DigestAlgorithm algorithm_;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  bool good_ = false;
};

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
