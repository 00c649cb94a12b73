// SPDX-License-Identifier: Apache-2.0
#include "tests/parts/rig.h"

#include <string>
#include <utility>

namespace backhaul::parts {

Rig::Rig() { context.clocks.start({}); }

void Rig::settle(Draft& draft) const {
  parts.fetching.settle(draft);
  parts.closing.settle(draft);
  parts.telling.settle(draft);
  engine::tell_machine(draft);
  parts.caching.settle(draft);
  parts.neighbourhood.settle(draft);
}

std::vector<engine::Effect> Rig::commit(Draft& draft) {
  settle(draft);
  engine::Change change{.draft = draft,
                        .rows = engine::merge_rows(context.table, draft),
                        .over = {},
                        .retime = {},
                        .other_rules = draft.conditions.policy != context.policy};
  context.policy = draft.conditions.policy;
  parts.merged(change);
  again = change.again;
  return std::move(draft.effects());
}

JobId Rig::add(JobState state, const std::string& name, const std::string& host, std::uint32_t owner) {
  core::Job job;
  job.id = random.new_job_id();
  job.state = state;
  job.owner_uid = owner;
  const JobId id = job.id;
  turn([&](Draft& draft) {
    job.order = draft.numbers.next_order++;
    draft.insert(std::move(job));
    core::File file;
    file.job = id;
    file.remote = "http://" + host + "/" + name;
    file.local = "/d/" + name;
    draft.add_file(std::move(file));
  });
  return id;
}

void Rig::add_files(const JobId& job, std::uint32_t count) {
  turn([&](Draft& draft) {
    for (std::uint32_t i = 1; i < count; ++i) {
      core::File file;
      file.job = job;
      file.index = i;
      file.remote = "http://host/" + std::to_string(i);
      file.local = "/d/" + std::to_string(i);
      draft.add_file(std::move(file));
    }
  });
}

JobId Rig::add_running(const std::string& name) {
  const JobId id = add(JobState::queued, name);
  turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
  return id;
}

}  // namespace backhaul::parts
