// SPDX-License-Identifier: Apache-2.0
// A queue that holds what the test puts into it and remembers what it was asked. Commands are
// answered by the test, reads of a peer wait while one of its commands is unanswered.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/cost.h"
#include "ports/queue.h"

namespace backhaul::test {

class FakeQueue final : public ports::Queue {
 public:
  std::vector<core::BudgetStatus> told_budgets;
  std::shared_ptr<const core::PolicyList> told_policy = std::make_shared<core::PolicyList>();
  bool exempt = false;
  explicit FakeQueue(ports::Clients*& clients) : clients_(clients) {}

  core::Job& add_job(const std::string& name, base::JobState state = base::JobState::suspended) {
    const auto number = static_cast<std::uint8_t>(jobs.size() + 1);
    core::Job job;
    job.id.bytes[15] = number;
    job.order = number;
    job.name = name;
    job.state = state;
    return jobs.emplace_back(std::move(job));
  }
  core::Job* job(const base::JobId& id) {
    const auto found = std::ranges::find(jobs, id, &core::Job::id);
    return found == jobs.end() ? nullptr : &*found;
  }
  // Answers the oldest open command.
  void answer(base::Result<ports::ReplyValue> value) {
    const ports::Command command = std::move(open.front());
    open.pop_front();
    clients_->reply(command.call, std::move(value));
    for (auto& read : std::exchange(held_, {})) this->read(read.first, std::move(read.second));
  }
  template <class Body>
  Body* last() {
    return open.empty() ? nullptr : std::get_if<Body>(&open.back().body);
  }

  void submit(ports::Command command) override { open.push_back(std::move(command)); }
  base::Result<const core::Job*> find(const base::JobId& id,
                                      const ports::Caller& caller) const override {
    const auto found = std::ranges::find(jobs, id, &core::Job::id);
    callers.push_back(caller);
    if (found == jobs.end()) return base::Error(base::Code::BG_E_NOT_FOUND);
    if (hidden_from.contains(caller.peer)) return base::Error(base::Code::E_ACCESSDENIED);
    return &*found;
  }
  const core::File* file(const core::Job& job, std::uint32_t index) const override {
    const auto found = files.find({job.id, index});
    return found == files.end() ? nullptr : &found->second;
  }
  base::Result<ports::JobPage> page(const ports::JobFilter& filter, const std::string& cursor,
                                    std::uint32_t limit, const ports::Caller&) const override {
    filters.push_back(filter);
    ports::JobPage page;
    std::size_t n = cursor.empty() ? 0 : std::stoul(cursor);
    for (; n < jobs.size() && page.jobs.size() < limit; ++n) page.jobs.push_back(&jobs[n]);
    if (n < jobs.size()) page.next = std::to_string(n);
    return page;
  }
  ports::Progress progress(const core::Job&) const override { return {100, 40, 2, 1, true, 7}; }
  std::uint64_t file_progress(const core::File& file) const override { return file.stored.total() + 1; }
  ports::EventPage events(std::uint64_t since, std::uint32_t,
                          const ports::Caller&) const override {
    return {.events = {}, .next = since};
  }
  base::Result<base::JobId> last_job(const ports::Caller&) const override {
    if (jobs.empty()) return base::Error(base::Code::BG_E_NOT_FOUND);
    return jobs.back().id;
  }
  core::Waiting waiting(const core::Job& job) const override {
    core::Waiting waiting;
    if (job.state == base::JobState::suspended) waiting.kind = core::WaitingKind::start;
    return waiting;
  }
  std::vector<core::Cause> explain(const core::Job& job, const ports::Caller&) const override {
    return {{.subject = core::Subject::job, .kind = "start", .job = job.id, .sentence = "so", .where = "f:1"}};
  }
  std::uint32_t cost_flags(const core::Job& job) const override {
    return job.rare->cost_flags == 0 ? core::cost::standard : job.rare->cost_flags;
  }
  std::vector<core::BudgetStatus> budgets(const ports::Caller&) const override { return told_budgets; }
  ports::PolicyInForce policy(const ports::Caller&) const override { return {told_policy, exempt}; }
  base::WallTime expires(const core::Job&) const override { return base::from_epoch_us(9); }
  bool is_idle() const override { return idle; }
  ports::NotifyState notify_state(const core::Job&) const override { return notify; }
  base::Result<std::optional<base::Secret>> custom_headers(const core::Job&,
                                                           const ports::Caller&) const override {
    return headers;
  }
  base::Result<ports::CachePage> cached(const std::string& cursor, std::uint32_t limit,
                                        const ports::Caller&) const override {
    ports::CachePage page;
    std::size_t n = cursor.empty() ? 0 : std::stoul(cursor);
    for (; n < records.size() && page.records.size() < limit; ++n) page.records.push_back({&records[n], n == 0});
    if (n < records.size()) page.next = std::to_string(n);
    return page;
  }
  base::Result<ports::CachedRecord> cached(const base::RecordId& id, const ports::Caller&) const override {
    for (const core::CacheRecord& record : records)
      if (record.id == id) return ports::CachedRecord{&record, false};
    return base::Error(base::Code::BG_E_NOT_FOUND);
  }
  base::Result<std::vector<ports::KnownNeighbour>> neighbours(const ports::Caller&) const override { return peers; }
  ports::PeerStanding peer_standing() const override {
    return {.settings = {5, 86'400, 3},
            .own_key = "ef",
            .trust = core::NeighbourTrust::group,
            .octets_taken = 7,
            .octets_given = 8};
  }
  void read(base::PeerId peer, std::move_only_function<void()> answer) override {
    for (const ports::Command& command : open)
      if (command.caller.peer == peer) {
        held_.emplace_back(peer, std::move(answer));
        return;
      }
    answer();
  }

  std::deque<core::Job> jobs;
  std::vector<core::CacheRecord> records;  // the first of them is busy
  std::vector<ports::KnownNeighbour> peers;
  std::set<base::PeerId> hidden_from;  // who may read none of them
  bool idle = true;
  ports::NotifyState notify;  // of all of them
  std::map<std::pair<base::JobId, std::uint32_t>, core::File> files;
  std::optional<base::Secret> headers;  // of all of them
  std::deque<ports::Command> open;
  mutable std::vector<ports::Caller> callers;
  mutable std::vector<ports::JobFilter> filters;

 private:
  ports::Clients*& clients_;
  std::vector<std::pair<base::PeerId, std::move_only_function<void()>>> held_;
};

}  // namespace backhaul::test
