// SPDX-License-Identifier: Apache-2.0
// What the clients of the service hear: replies and signals. Every call is remembered with its
// reply, so that a promise that was given can be held against the rows.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "ports/queue.h"
#include "tests/sim/stage.h"

namespace backhaul::sim {

struct Call {
  base::CallId id{};
  std::string what;  // as it appears in histories
  ports::Caller caller;
  ports::CommandBody body;
  Microseconds asked{};
  bool lost = false;  // the service died before it answered
  bool may_come_late = false;  // its job was being closed: it is answered when that has ended
  std::optional<base::Result<ports::ReplyValue>> reply;

  bool open() const { return !lost && !reply; }
  bool accepted() const { return reply && reply->has_value(); }
};

class SimClients final : public ports::Clients {
 public:
  explicit SimClients(Stage& stage) : stage_(stage) {}

  void reply(base::CallId call, base::Result<ports::ReplyValue> value) override;
  void added(const base::JobId& job) override;
  void changed(const base::JobId& job, ports::Properties properties, bool urgent) override;
  void removed(const base::JobId& job) override;

  Call& make(std::string what, ports::Caller caller, ports::CommandBody body);
  const Call& call(base::CallId id) const { return calls_.at(id); }
  const std::map<base::CallId, Call>& calls() const { return calls_; }
  std::size_t open_calls() const;
  // Complete or Cancel of this job is under way: what is asked of it is answered behind others.
  void closing(const base::JobId& job);
  void service_died();
  std::string name_of(const base::JobId& job) const;
  void forget_answered();
  // Whoever listens knows the state of this job.
  void check_told(const base::JobId& job);

  std::function<const core::Job*(const base::JobId&)> find;  // as a client would read it
  std::function<void(const Call&)> on_reply;
  bool notes_progress = false;

 private:
  void check_order(const Call& call);

  Stage& stage_;
  std::uint64_t last_call_ = 0;
  std::map<base::CallId, Call> calls_;
  std::map<base::JobId, std::string> names_;
  std::map<base::JobId, base::JobState> told_;  // states that were told last
};

std::string to_text(const base::Result<ports::ReplyValue>& reply,
                    const std::function<std::string(const base::JobId&)>& name_of);
// The job that a command is about; unset for Enqueue.
std::optional<base::JobId> job_of(const ports::CommandBody& body);

}  // namespace backhaul::sim
