// SPDX-License-Identifier: Apache-2.0
#include "engine/adding.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "core/admission.h"
#include "core/digest.h"
#include "core/held_directory.h"
#include "core/mirrors.h"
#include "core/names.h"
#include "core/pieces.h"
#include "core/signature.h"
#include "core/site_sources.h"
#include "core/weight.h"
#include "engine/allowance.h"
#include "engine/entrusting.h"
#include "engine/job_steps.h"

namespace backhaul::engine {

using base::Code;

namespace {

base::Result<core::Placed> place(const Context& context, const core::Owner& owner,
                                 const ports::FileSpec& file) {
  BH_CHECK(core::may_fetch(owner.application, file.remote));
  BH_CHECK(core::check_remote(file.remote));
  BH_CHECK(core::check_local(file.local));
  if (!file.held.empty()) return core::Placed{file.local, file.held};
  BH_TRY(core::Placed placed, core::place(owner.application, context.settings.homes, file.local));
  if (!placed.root.empty()) BH_CHECK(core::check_local(placed.local));
  return placed;
}

}  // namespace

base::Result<ports::Destinations> places_of(const Context& context, core::Owner owner,
                                            const std::vector<ports::FileSpec>& files) {
  ports::Destinations destinations{.owner = std::move(owner), .files = {}, .signatures = {}};
  destinations.files.reserve(files.size());
  for (const ports::FileSpec& file : files) {
    BH_TRY(core::Placed placed, place(context, destinations.owner, file));
    destinations.files.push_back(std::move(placed));
    BH_TRY(const auto kind, core::judge_signature(file.signature, file.key));
    if (kind && std::ranges::find(destinations.signatures, *kind) == destinations.signatures.end())
      destinations.signatures.push_back(*kind);
  }
  return destinations;
}

namespace {

base::Result<std::vector<core::Wanted>> wanted_of(const core::Job& job,
                                                  const std::vector<ports::FileSpec>& files) {
  std::vector<core::Wanted> wanted(files.size());
  for (std::size_t i = 0; i < files.size(); ++i)
    if (!files[i].ranges.empty()) {
      BH_TRY(wanted[i], core::Wanted::of_ranges(files[i].ranges));
      if (job.rare->dynamic_content)
        return base::Error(Code::BG_E_UNSUPPORTED_JOB_CONFIGURATION,
                           "DynamicContent does not go with ranges of its files");
    }
  return wanted;
}

// What may be said of a file beside its names. The pieces are of the local file: with ranges nobody can tell
// how many it has before it is asked for.
base::Result<core::Rare<core::Expected>> expected_of(const ports::FileSpec& file) {
  core::Expected expected{.size = file.size, .pieces = {}};
  if (file.size != base::size_unknown && file.size > core::bytes_max)
    return base::Error(Code::E_INVALIDARG, "no file has " + std::to_string(file.size) + " bytes");
  const std::uint64_t size = file.ranges.empty() ? file.size : base::size_unknown;
  BH_TRY(expected.pieces, core::pieces_text(file.piece_length, file.piece_digests, size));
  BH_CHECK(core::judge_signature(file.signature, file.key));
  expected.signature = file.signature;
  expected.key = file.key;
  if (expected == core::Expected()) return core::Rare<core::Expected>();
  return core::Rare<core::Expected>(std::move(expected));
}

// What has its name before it is known to be good is not to be verified (jobs.md §11).
base::Result<void> check_verified(const core::Job& job, const core::RareOfFile& file) {
  const bool verified =
      file.digests || (file.expected && (!file.expected->pieces.empty() || !file.expected->signature.empty()));
  if (!verified || !job.rare->high_performance) return {};
  return base::Error(Code::BG_E_UNSUPPORTED_JOB_CONFIGURATION,
                     "HighPerformance does not go with digests and signatures of its files");
}

base::Result<std::vector<core::RareOfFile>> beside_of(const core::Job& job,
                                                      const std::vector<ports::FileSpec>& files) {
  const core::Owner owner = core::owner_of(job);
  std::vector<core::RareOfFile> list(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (const std::string& mirror : files[i].mirrors)
      BH_CHECK(core::may_fetch(owner.application, mirror));
    BH_TRY(list[i].mirrors, core::mirrors_of(files[i].mirrors));
    BH_TRY(std::string digests, core::digest_list(files[i].digests));
    if (!digests.empty()) list[i].digests = std::move(digests);
    BH_TRY(list[i].expected, expected_of(files[i]));
    if (!files[i].torrent.empty()) {
      BH_CHECK(core::check_torrent(files[i].torrent));
      list[i].torrent = files[i].torrent;
    }
    BH_CHECK(check_verified(job, list[i]));
  }
  return list;
}

// With their addresses as they were given.
std::vector<core::File> rows_of(const Draft& draft, const base::JobId& id, const std::vector<ports::FileSpec>& files,
                                const std::vector<core::Placed>& places, std::vector<core::Wanted> wanted,
                                std::vector<core::RareOfFile> beside) {
  std::vector<core::File> rows(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    core::File& file = rows[i];
    file.job = id;
    file.index = draft.file_count(id) + static_cast<std::uint32_t>(i);
    file.wanted = std::move(wanted[i]);
    file.rare = std::move(beside[i]);
    file.remote = files[i].remote;
    file.local = places[i].local;
    if (!places[i].root.empty()) file.root = places[i].root;
  }
  return rows;
}

std::uint64_t weight_of(const std::vector<core::File>& rows) {
  std::uint64_t sum = 0;
  for (const core::File& file : rows) sum += core::weigh(file);
  return sum;
}

// They were judged as they are.
void hide_users(AddressHider& hider, core::Mirrors& mirrors) {
  std::string hidden;
  for (const std::string& address : core::addresses(mirrors))
    hidden.append(hidden.empty() ? "" : "\n").append(hider.hide(address));
  mirrors.addresses = std::move(hidden);
}

}  // namespace

base::Result<void> Knowledge::check(const ports::Destinations& destinations) {
  if (clearance == nullptr || *clearance->asked != destinations) {
    missing = destinations;
    return base::Error(Code::E_PENDING);
  }
  if (clearance->refusal) return *clearance->refusal;
  return {};
}

base::Result<void> check_new_owner(const Draft& draft, const base::JobId& id, core::Owner owner, Knowledge& known) {
  ports::Destinations destinations{.owner = std::move(owner), .files = {}, .signatures = {}, .guarded = true};
  for (std::uint32_t i = 0; i < draft.file_count(id); ++i) {
    const core::File& file = *draft.file(id, i);
    destinations.files.push_back({std::string(file.local), file.root ? *file.root : std::string()});
  }
  if (destinations.files.empty()) return {};
  const auto usable = known.check(destinations);
  if (usable || known.missing) return usable;
  return base::Error(Code::BG_E_NEW_OWNER_NO_FILE_ACCESS,
                     "the new owner cannot use the files of the job: " + usable.error().text);
}

base::Result<void> add_files(Draft& draft, const base::JobId& id, std::vector<ports::FileSpec> files,
                             const std::optional<core::CertificateWanted>& certificate, Knowledge& known,
                             const ports::Caller& caller) {
  const Context& context = draft.context();
  const core::Policy& policy = *draft.conditions.policy;
  const core::Limits& limits = policy.limits;
  const core::Job& job = *draft.job(id);
  const bool exempt = limits.exempts(core::account_of(core::owner_of(job)));
  if (!exempt && job.files.total + files.size() > limits.files_per_job.value)
    return base::Error(Code::BG_E_TOO_MANY_FILES_IN_JOB,
                       "a job has at most " + std::to_string(limits.files_per_job.value) + " files " +
                           core::by_rule("MaxFilesPerJob", limits.files_per_job.where));
  if (files.empty() && !certificate) return {};
  for (const ports::FileSpec& file : files) {
    if (!file.held.empty())
      BH_CHECK(core::may_hand_over(core::owner_of(job), caller.owner(), context.settings.machine_wide));
    if (!exempt && file.ranges.size() > limits.ranges_per_file.value)
      return base::Error(Code::BG_E_TOO_MANY_RANGES_IN_FILE,
                         "a file has at most " + std::to_string(limits.ranges_per_file.value) + " ranges " +
                             core::by_rule("MaxRangesPerFile", limits.ranges_per_file.where));
    BH_CHECK(core::may_fetch_from(policy.requests->origins, file.remote));
    for (const std::string& mirror : file.mirrors)
      BH_CHECK(core::may_fetch_from(policy.requests->origins, mirror));
  }
  BH_TRY(ports::Destinations destinations, places_of(context, core::owner_of(job), files));
  BH_TRY(std::vector<core::Wanted> wanted, wanted_of(job, files));
  destinations.certificate = certificate;
  BH_TRY(std::vector<core::RareOfFile> beside, beside_of(job, files));
  std::vector<core::File> rows =
      rows_of(draft, id, files, destinations.files, std::move(wanted), std::move(beside));
  const std::uint64_t octets = weight_of(rows);
  BH_CHECK(check_octets(draft, id, octets));  // before the world is asked
  BH_CHECK(known.check(destinations));
  if (files.empty()) return {};
  AddressHider hider(draft, id, caller);
  for (core::File& file : rows) {
    file.remote = hider.hide(file.remote);
    if (file.rare->mirrors) hide_users(hider, *file.rare.edit().mirrors);
  }
  BH_CHECK(hider.keep());
  draft.grow(core::account_of(core::owner_of(*draft.job(id))), octets);
  for (core::File& file : rows) draft.add_file(std::move(file));
  auto effects = step(draft, id, core::JobEvent::add_files);
  if (!effects) return std::move(effects).error();
  return {};
}

}  // namespace backhaul::engine
