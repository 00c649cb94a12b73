// SPDX-License-Identifier: Apache-2.0
#include "engine/verifying.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/digest.h"
#include "core/http.h"
#include "core/mirrors.h"
#include "engine/file_steps.h"

namespace backhaul::engine {
namespace {

// The word of the owner counts alone. What a server tells is of the bytes it sends, and of all of them; of
// a coding that nobody asked for, servers differ about which bytes they mean.
std::vector<core::Digest> expected_of(const core::File& file) {
  if (file.rare->digests) return core::parse_digest_list(*file.rare->digests);
  if (!file.wanted.whole() || !file.remote_identity.encoding.empty()) return {};
  return core::parse_digest_list(file.remote_identity.digest);
}

std::string value_of(const std::vector<core::Digest>& found, core::DigestAlgorithm algorithm) {
  const auto one = std::ranges::find(found, algorithm, &core::Digest::algorithm);
  return one == found.end() ? std::string() : one->hex;
}

}  // namespace

bool begin_verifying(Draft& draft, const base::JobId& id, Lane& lane) {
  std::vector<core::DigestAlgorithm> algorithms;
  for (const core::Digest& digest : expected_of(*draft.file(id, lane.file)))
    if (std::ranges::find(algorithms, digest.algorithm) == algorithms.end())
      algorithms.push_back(digest.algorithm);
  if (algorithms.empty()) return false;
  lane.phase = LanePhase::verifying;
  draft.effect(effect::DigestPart{lane.transfer, std::move(algorithms)});
  return true;
}

std::optional<core::ErrorInfo> verify(Draft& draft, const base::JobId& id, const Lane& lane,
                                      const ports::PartDigested& event) {
  const core::File& file = *draft.file(id, lane.file);
  const std::vector<core::Digest> expected = expected_of(file);
  const core::Digest* wrong = core::denied(expected, event.digests);
  if (wrong == nullptr) return std::nullopt;
  const std::string host = core::url_host(core::address(file));
  core::ErrorInfo error{base::Code::BG_E_VALIDATION_FAILED, base::ErrorContext::remote_file, lane.file,
                        "what came from " + (host.empty() ? "its address" : host) + " has the " +
                            std::string(core::to_word(wrong->algorithm)) + " " +
                            value_of(event.digests, wrong->algorithm) + " where " + wrong->hex +
                            (file.rare->digests ? " is expected" : " was told by the server")};
  fetch_anew(draft, id, lane.file);
  return error;
}

}  // namespace backhaul::engine
