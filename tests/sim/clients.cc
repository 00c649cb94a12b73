// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/clients.h"

namespace backhaul::sim {

std::string to_text(const base::Result<ports::ReplyValue>& reply,
                    const std::function<std::string(const base::JobId&)>& name_of) {
  if (!reply) return base::symbol(reply.error().code);
  if (const auto* job = std::get_if<base::JobId>(&*reply)) return name_of(*job);
  if (const auto* code = std::get_if<base::Code>(&*reply)) return base::symbol(*code);
  return "S_OK";
}

std::optional<base::JobId> job_of(const ports::CommandBody& body) {
  return std::visit(
      [](const auto& command) -> std::optional<base::JobId> {
        if constexpr (requires { command.job; })
          return command.job;
        else
          return std::nullopt;
      },
      body);
}

Call& SimClients::make(std::string what, ports::Caller caller, ports::CommandBody body) {
  const base::CallId id{++last_call_};
  Call& call = calls_[id];
  call.id = id;
  call.what = std::move(what);
  call.caller = caller;
  call.body = std::move(body);
  call.asked = stage_.timeline.now();
  return call;
}

void SimClients::reply(base::CallId id, base::Result<ports::ReplyValue> value) {
  stage_.port_call();
  if (id == base::CallId::none) return stage_.fail("a reply for nobody");
  Call& call = calls_.at(id);
  if (!call.open()) return stage_.fail("a second reply to " + call.what);
  call.reply = std::move(value);
  stage_.note(call.what + ": " +
              to_text(*call.reply, [this](const base::JobId& job) { return name_of(job); }));
  check_order(call);
  if (on_reply) on_reply(call);
}

// What one client sends is carried out in that order.
void SimClients::check_order(const Call& call) {
  if (!call.accepted() || call.may_come_late) return;
  for (const auto& [id, earlier] : calls_) {
    if (id >= call.id) return;
    if (earlier.open() && earlier.caller.peer == call.caller.peer && !earlier.may_come_late)
      stage_.fail(call.what + " was carried out before " + earlier.what);
  }
}

void SimClients::closing(const base::JobId& job) {
  for (auto& [id, call] : calls_)
    if (call.open() && job_of(call.body) == job) call.may_come_late = true;
}

std::string SimClients::name_of(const base::JobId& job) const {
  auto it = names_.find(job);
  return it == names_.end() ? base::to_hex(job).substr(0, 8) : it->second;
}

void SimClients::added(const base::JobId& job) {
  stage_.port_call();
  const core::Job* row = find(job);
  if (row == nullptr) return stage_.fail("a job was announced that nobody finds");
  names_[job] = row->name.empty() ? base::to_hex(job).substr(0, 8) : std::string(row->name);
  told_[job] = row->state;
  stage_.note(name_of(job) + " is " + std::string(to_word(row->state)));
}

void SimClients::changed(const base::JobId& job, ports::Properties properties, bool urgent) {
  stage_.port_call();
  const core::Job* row = find(job);
  if (row == nullptr) return stage_.fail("a change was told of a job that nobody finds");
  const bool state = ports::has(properties, ports::Property::state);
  if (state != urgent) stage_.fail("only changes of state are urgent");
  if (!state) return;
  const auto last = told_.find(job);
  if (last != told_.end() && last->second == row->state)
    stage_.fail("a change of state was told that is none");
  told_[job] = row->state;
  std::string text = name_of(job) + " is " + std::string(to_word(row->state));
  if (row->error && (row->state == base::JobState::error ||
                     row->state == base::JobState::transient_error))
    text += " " + base::symbol(row->error->code);
  stage_.note(text);
}

void SimClients::check_told(const base::JobId& job) {
  const core::Job* row = find(job);
  const auto told = told_.find(job);
  if (row != nullptr && told != told_.end() && told->second != row->state)
    stage_.fail(name_of(job) + " is " + std::string(to_word(row->state)) + ", and nobody was told");
}

void SimClients::removed(const base::JobId& job) {
  stage_.port_call();
  stage_.note(name_of(job) + " is removed");
  told_.erase(job);
}

std::size_t SimClients::open_calls() const {
  std::size_t count = 0;
  for (const auto& [id, call] : calls_) count += call.open() ? 1 : 0;
  return count;
}

void SimClients::service_died() {
  for (auto& [id, call] : calls_)
    if (call.open()) {
      call.lost = true;
      stage_.note(call.what + ": no reply");
    }
  told_.clear();  // a change may have been durable and not told
}

void SimClients::forget_answered() {
  std::erase_if(calls_, [](const auto& entry) { return !entry.second.open(); });
}

}  // namespace backhaul::sim
