// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/talks.h"

#include "core/http.h"

namespace backhaul::sim {

std::string way_of(const core::Ask& ask, const core::RemoteRecord& held) {
  if (!ask.from) return held.held.empty() ? "the file" : "the file instead of its rest";
  if (ask.if_range.empty())
    return *ask.from < held.held.prefix() || *ask.from == 0 ? "the rest and the bytes before it" : "the rest";
  return core::is_strong_etag(ask.if_range) ? "the rest if the tag is right"
                                            : "the rest if the date is right";
}

std::string use_of(const core::Body& body, bool all_is_here) {
  switch (body.use) {
    case core::Use::drop: return all_is_here ? "everything is here" : "of no use";
    case core::Use::append: return body.sample == 0 ? "goes on" : "to be compared";
    case core::Use::anew: return "another version";
    case core::Use::beside: return "the same file beside it";
  }
  return {};
}

std::string result_of(core::Sample sample, const core::Body& after) {
  return std::string(sample == core::Sample::equal ? "equal bytes: " : "other bytes: ") +
         (after.use == core::Use::drop ? "of no use" : "used");
}

std::string end_of(const std::optional<core::Ending>& ending) {
  if (!ending) return "asks again";
  if (!ending->error) return ending->asked_only ? "what was asked for came" : "everything came";
  if (ending->retry_after) return "asked to wait";
  switch (ending->doubt) {
    case core::Doubt::none: return "failed";
    case core::Doubt::contradiction: return "contradicted";
    case core::Doubt::unproven: return "unproven";
  }
  return {};
}

}  // namespace backhaul::sim
