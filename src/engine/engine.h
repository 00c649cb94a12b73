// SPDX-License-Identifier: Apache-2.0
// The engine: runs turns. Everything from outside is appended to the inbox; a turn reads the clock
// once, has the parts step commands and events over a draft, has the changed rows committed in one
// transaction, tells the parts what was committed, and only then performs the effects. It knows
// nothing real: the same code runs under the event loop and under the simulator. Who owns what stands
// in parts.h.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "engine/answers.h"
#include "engine/context.h"
#include "engine/draft.h"
#include "engine/history.h"
#include "engine/input.h"
#include "engine/parts.h"
#include "engine/performer.h"
#include "engine/settings.h"
#include "ports/events.h"
#include "ports/queue.h"

namespace backhaul::engine {

class Engine final : public ports::Queue, public ports::Inbox {
 public:
  // `wake` asks for a turn soon; it may be called at any time on the loop thread, also from post().
  Engine(Settings settings, Ports ports, std::function<void()> wake);
  ~Engine() override;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  // Loads the queue; what was going on is taken up by the first turns. The bus name must be owned
  // already: what is due is delivered from the first turn on.
  base::Result<void> recover();
  // One turn. Does nothing while a commit is in flight.
  void turn();
  // When a turn is needed even if nothing happens before. Never: base::never.
  base::BootTime next_wakeup() const;
  // No job that is not final, no open call, no delivery, no tombstone that a client may ask for.
  bool idle() const;
  // Something that a new service would go on with, if this one ended now.
  bool has_work() const;
  // Orderly stop: transfers end, what they stored is committed. `done` runs when that is so.
  void stop(std::function<void()> done);

  const Parts& parts() const { return parts_; }  // what outlives a turn; it changes with commits only
  const Table& table() const { return context_.table; }
  const History& history() const { return history_; }

  // ports::Inbox
  void post(ports::Event event) override;

  // ports::Queue
  void submit(ports::Command command) override;
  base::Result<const core::Job*> find(const base::JobId& id, const ports::Caller& caller) const override;
  const core::File* file(const core::Job& job, std::uint32_t index) const override;
  base::Result<ports::JobPage> page(const ports::JobFilter& filter, const std::string& cursor, std::uint32_t limit,
                                    const ports::Caller& caller) const override;
  ports::Progress progress(const core::Job& job) const override;
  std::uint64_t file_progress(const core::File& file) const override;
  core::Waiting waiting(const core::Job& job) const override;
  std::vector<core::Cause> explain(const core::Job& job, const ports::Caller& caller) const override;
  std::uint32_t cost_flags(const core::Job& job) const override;
  std::vector<core::BudgetStatus> budgets(const ports::Caller& caller) const override;
  ports::PolicyInForce policy(const ports::Caller& caller) const override;
  base::WallTime expires(const core::Job& job) const override;
  bool is_idle() const override;
  ports::NotifyState notify_state(const core::Job& job) const override;
  base::Result<std::optional<base::Secret>> custom_headers(const core::Job& job,
                                                           const ports::Caller& caller) const override;
  ports::EventPage events(std::uint64_t since, std::uint32_t limit, const ports::Caller& caller) const override;
  base::Result<base::JobId> last_job(const ports::Caller& caller) const override;
  base::Result<ports::CachePage> cached(const std::string& cursor, std::uint32_t limit,
                                        const ports::Caller& caller) const override;
  base::Result<ports::CachedRecord> cached(const base::RecordId& id, const ports::Caller& caller) const override;
  base::Result<std::vector<ports::KnownNeighbour>> neighbours(const ports::Caller& caller) const override;
  ports::PeerStanding peer_standing() const override;
  void read(base::PeerId peer, std::move_only_function<void()> answer) override;

 private:
  // engine.cc: the turn
  void run_inputs(Draft& draft);
  void settle(Draft& draft);
  void commit(Draft draft);
  void committed(Draft& draft);
  void follow(Draft& draft, bool begin_nothing);
  void commit_failed(Draft& draft, base::Error error);
  void refuse(base::CallId call, const base::Error& error);
  void storage_recovered();
  static base::Error is_stopping();

  // router.cc: who hears what
  void hear(Draft& draft, ports::Event& event);
  void hear(Draft& draft, ports::Command& command);
  void hear(Draft& draft, News& news);
  std::optional<ports::Destinations> carry_out(Draft& draft, const ports::Command& command,
                                               const Clearance* clearance);
  void wait(Draft& draft, ports::Command& command, std::optional<ports::Destinations> need);
  void go_on(Draft& draft, base::PeerId peer);
  void set_aside_poisoned(Draft& draft, const base::JobId& id);

  // recovery.cc
  const Entry& restore(core::Job job, std::vector<core::File> files,
               const std::optional<base::JobId>& poisoned);
  void take_up(std::vector<const Entry*> rows, const std::optional<base::JobId>& poisoned);

  // waiting.cc
  bool asks_for_nothing(const core::Job& job) const;
  std::string server_waited_for(const core::Job& job) const;
  std::optional<core::Waiting> waiting_for_server(const core::Job& job) const;
  std::optional<core::Waiting> barred(const core::Job& job) const;
  core::Waiting closing(const core::Job& job) const;
  core::Waiting silence(const core::Job& job) const;
  // reads.cc
  void measure(const core::Job& job, const Run* run, ports::Progress& progress) const;
  // explain.cc
  void explain_limit(const core::Job& job, const core::File& next,
                     std::vector<core::Cause>& chain) const;
  void explain_neighbours(const core::Job& job, const core::File& next, std::vector<core::Cause>& chain) const;
  void explain_budgets(const core::Job& job, const core::File& next, std::vector<core::Cause>& chain) const;
  void explain_server(const core::Job& job, const core::Waiting& why, const ports::Caller& caller,
                      std::vector<core::Cause>& chain) const;
  void explain_turn(const core::Job& job, const ports::Caller& caller,
                    std::vector<core::Cause>& chain) const;

  Ports ports_;
  std::function<void()> wake_;
  Context context_;
  Parts parts_;
  const View view_;
  History history_;
  std::deque<Input> inbox_;
  Answers answers_;
  Performer performer_;

  bool commit_in_flight_ = false;
  std::optional<base::Error> storage_error_;  // commits fail: changes are refused, retried on a timer
  base::BootTime storage_retry_ = base::never;
  bool stopping_ = false;
  std::function<void()> stopped_;
};

}  // namespace backhaul::engine
