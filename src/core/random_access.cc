// SPDX-License-Identifier: Apache-2.0
#include "core/random_access.h"

#include "core/http.h"
#include "core/local_address.h"

namespace backhaul::core {
namespace {

bool gives_ranges(const File& file) {
  const std::string scheme = url_scheme(file.remote);
  const bool known = scheme == "http" || scheme == "https" || is_local_address(file.remote.view());
  return known && !file.ranges_refused &&
         file.remote_identity.resumable != Resumable::no;
}

bool is_open(const Job& job, const File& file) {
  return job.type == base::JobType::download && !job.rare->dynamic_content && job.rare->http_method.is_usual() &&
         file.wanted.ranges().empty();
}

}  // namespace

base::Result<void> may_access_at_random(const Job& job, const File& file) {
  if (is_open(job, file) && gives_ranges(file)) return {};
  return base::Error(base::Code::BG_E_RANDOM_ACCESS_NOT_SUPPORTED,
                     "file " + std::to_string(file.index) + " cannot be read at random");
}

bool has_to_fetch(const Job& job, const File& file) {
  if (file.state != FileState::waiting) return false;
  if (!job.rare->on_demand_mode || !file.wanted.ranges().empty()) return true;
  // A crash may have come between its last byte and the record of that.
  return (file.rare->demand && !file.rare->demand->asked.empty()) ||
         (!file.stored.empty() && file.is_stored_whole());
}

bool begins_at_zero(const Job& job, const File& file) {
  return job.rare->dynamic_content && !file.stored.empty() && !file.is_stored_whole();
}

bool tells_ranges(const Job& job, const File& file) {
  return is_open(job, file) && (job.rare->on_demand_mode || file.rare->demand);
}

}  // namespace backhaul::core
