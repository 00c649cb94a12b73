// SPDX-License-Identifier: Apache-2.0
#include "engine/verifying.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/digest.h"
#include "core/http.h"
#include "core/mirrors.h"
#include "core/neighbours.h"
#include "core/pieces.h"
#include "core/shares.h"
#include "core/signature.h"
#include "engine/asking.h"
#include "engine/file_steps.h"

namespace backhaul::engine {
namespace {

// The word of the owner counts alone. What a server tells is of the bytes it sends, and of all of them.
std::vector<core::Digest> expected_of(const core::File& file) {
  if (file.rare->digests) return core::parse_digest_list(*file.rare->digests);
  if (file.rare->expected && !file.rare->expected->pieces.empty()) return {};
  return core::digests_of_origin(file);
}

void order_digests(ports::DigestOrder& order, const std::vector<core::Digest>& digests) {
  for (const core::Digest& digest : digests)
    if (std::ranges::find(order.algorithms, digest.algorithm) == order.algorithms.end())
      order.algorithms.push_back(digest.algorithm);
}

// Whether they lied is asked of the word of the origin.
bool has_accused(const Draft& draft, const base::JobId& id, const core::File& file) {
  const Approach* approach = find_approach(draft, id, file.index);
  return core::octets_from_neighbours(file) != 0 || (approach != nullptr && !approach->suspects.empty());
}

std::string value_of(const std::vector<core::Digest>& found, core::DigestAlgorithm algorithm) {
  const auto one = std::ranges::find(found, algorithm, &core::Digest::algorithm);
  return one == found.end() ? std::string() : one->hex;
}

std::string host_of(const core::File& file) {
  const std::string host = core::url_host(core::address(file));
  return host.empty() ? "its address" : host;
}

core::ErrorInfo not_valid(const core::File& file, std::string text) {
  return {base::Code::BG_E_VALIDATION_FAILED, base::ErrorContext::remote_file, file.index, std::move(text),
          core::is_of_this_machine(file)};
}

core::ErrorInfo bad_pieces_error(const core::File& file, const core::Pieces& pieces, const core::Extents& bad) {
  const std::uint64_t length = pieces.size.length;
  std::uint64_t count = 0;
  for (const core::Extent& extent : bad.list()) count += (extent.length() - 1) / length + 1;
  return not_valid(file, std::to_string(count) + " of " + std::to_string(pieces.count()) +
                                   " pieces of what came from " + host_of(file) +
                                   " are not what is expected, the first at byte " +
                                   std::to_string(bad.list().front().begin));
}

// The wrong ones are given up; all of it, where none is right.
std::optional<core::ErrorInfo> verify_pieces(Draft& draft, const base::JobId& id, std::uint32_t index,
                                             const std::string& found) {
  const core::File& file = *draft.file(id, index);
  const auto pieces = core::pieces_of(file);
  if (!pieces) return std::nullopt;
  const std::uint64_t size = file.stored.total();
  const core::Extents bad = core::bad_pieces(*pieces, found, size);
  if (bad.empty() && size != 0) return std::nullopt;
  if (!bad.empty() && bad.total() < size) {
    core::ErrorInfo error = bad_pieces_error(file, *pieces, bad);
    fetch_again(draft, id, index, bad);
    return error;
  }
  core::ErrorInfo error = not_valid(file, "none of the " + std::to_string(pieces->count()) + " pieces of what came from " +
                                               host_of(file) + " is what is expected");
  fetch_anew(draft, id, index);
  return error;
}

}  // namespace

bool begin_verifying(Draft& draft, const base::JobId& id, Lane& lane) {
  const core::File& file = *draft.file(id, lane.file);
  ports::DigestOrder order;
  order_digests(order, expected_of(file));
  if (const auto pieces = core::pieces_of(file)) order.pieces = pieces->size;
  order.signature = core::signature_of(file);
  if (order.empty()) return false;
  if (has_accused(draft, id, file)) order_digests(order, core::digests_of_origin(file));
  lane.phase = LanePhase::verifying;
  draft.effect(effect::DigestPart{lane.transfer, std::move(order)});
  return true;
}

std::optional<core::ErrorInfo> verify(Draft& draft, const base::JobId& id, const Lane& lane,
                                      const ports::PartDigested& event) {
  const core::File& file = *draft.file(id, lane.file);
  if (auto error = verify_pieces(draft, id, lane.file, event.pieces)) return error;
  const std::vector<core::Digest> expected = expected_of(file);
  const core::Digest* wrong = core::denied(expected, event.digests);
  if (wrong == nullptr && event.forged.empty()) return std::nullopt;
  if (wrong == nullptr) {
    core::ErrorInfo error = not_valid(file, "what came from " + host_of(file) +
                                                     " is not what was signed: " + event.forged);
    fetch_anew(draft, id, lane.file);
    return error;
  }
  core::ErrorInfo error = not_valid(file, "what came from " + host_of(file) + " has the " +
                            std::string(core::to_word(wrong->algorithm)) + " " +
                            value_of(event.digests, wrong->algorithm) + " where " + wrong->hex +
                            (file.rare->digests ? " is expected" : " was told by the server"));
  fetch_anew(draft, id, lane.file);
  return error;
}

bool is_repaired(Draft& draft, const base::JobId& id, std::uint32_t index) {
  const core::File& file = *draft.file(id, index);
  const auto pieces = core::pieces_of(file);
  if (!pieces || file.rare->mirrors || file.stored.empty()) return false;
  const std::uint64_t missing = file.size() - file.stored.total();
  const auto bad = static_cast<std::uint32_t>((missing - 1) / pieces->size.length + 1);
  const std::uint32_t before = file.rare->expected->bad;
  const bool fewer = before == 0 || bad < before;
  draft.edit_file(id, index, Weight::hard,
                  [&](core::File& row) { row.rare.edit().expected->bad = fewer ? bad : 0; });
  return fewer;
}

}  // namespace backhaul::engine
