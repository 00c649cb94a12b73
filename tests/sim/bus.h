// SPDX-License-Identifier: Apache-2.0
// The programs of a simulated world and the Notifier that calls them. A program has a unique name
// and dies as a whole; its objects answer as they are told. Classes are started on demand.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "ports/notifier.h"
#include "ports/queue.h"
#include "tests/sim/stage.h"

namespace backhaul::sim {

enum class Answer : std::uint8_t {
  ok,
  s_false,
  e_fail,
  bus_error,
  hang,       // until the program dies
  die,        // inside the call
  complete,   // calls Complete on the job, then answers S_OK
  resume,
  cancel,
};

struct Program {
  std::string label;  // as it appears in histories
  std::string unique_name;
  base::PeerId peer{};
  std::uint32_t uid = 0;
  bool alive = true;
  std::string program{};       // what /proc says
  std::string application{};   // that a sandbox confines; empty: none
  std::deque<Answer> answers;  // of the next calls; then `usual`
  Answer usual = Answer::ok;
  std::deque<Answer> verdicts;  // on the next certificates; then `usual`

  ports::Caller caller() const { return {peer, uid, program, application}; }
};

enum class StartBehaviour : std::uint8_t { starts, fails, never_registers, no_object };

struct ClassServer {
  std::string name;
  bool installed = true;
  StartBehaviour start = StartBehaviour::starts;
  Microseconds start_time{};
  std::uint32_t uid = 0;
  std::uint32_t level = 3;  // of its instances
  Answer usual = Answer::ok;
  std::deque<Answer> answers;
  Program* running = nullptr;
  int starts = 0;
  std::set<base::JobId> instances;
};

class Bus {
 public:
  explicit Bus(Stage& stage) : stage_(stage) {}

  Program& connect(const std::string& label, std::uint32_t uid);
  void kill(Program& program);
  Program* find(const std::string& unique_name);
  Program* find(base::PeerId peer);
  ClassServer& install(const std::string& name);
  ClassServer* server(const std::string& name);
  std::map<std::string, Program>& programs() { return programs_; }
  std::map<std::string, ClassServer>& servers() { return servers_; }
  const std::string& id() const { return id_; }
  // With it its programs lose their names; the next bus is another one.
  void died();

  std::function<void(Program&)> on_death;

 private:
  Stage& stage_;
  std::string id_ = "bus-1";
  int buses_ = 1;
  std::uint64_t last_ = 0;
  std::map<std::string, Program> programs_;  // by unique name; the dead stay
  std::map<std::string, ClassServer> servers_;
};

struct Delivered {
  base::JobId job;
  core::NotifyKind kind = core::NotifyKind::none;
  std::uint64_t sequence = 0;
  std::string to;  // unique name and path, or the name of the class
  std::uint64_t registration = 0;  // of the object; 0: a class or a program
};

// Unique name and path of an object, or the name of a class.
std::string target_text(const ports::Notification& notification);

class SimNotifier final : public ports::Notifier {
 public:
  SimNotifier(Stage& stage, Bus& bus);

  void notify(ports::Notification notification) override;
  void release(const core::ObjectRegistration& object) override;
  void release_instance(const base::JobId& job) override;
  bool watch(const core::ObjectRegistration& object) override;
  void check_certificate(ports::CertificateQuestion question) override;
  void release_certificate_check(const core::ObjectRegistration& object) override;
  void answer_hanging(Program& program, base::Code result);  // a question about a certificate
  void return_from_call(Program& program, base::Code result);  // from the oldest that hangs in it

  void service_died();
  void program_died(Program& program);
  std::size_t under_way() const { return telling() + asked_.size(); }
  std::size_t telling() const { return calls_.size(); }
  bool is_hanging(const Program& program) const;
  bool is_telling(const base::JobId& job, std::uint64_t sequence) const;
  std::size_t under_way(std::uint32_t uid) const;

  // Asked in front of every call: is it right that this is told now?
  std::function<void(const ports::Notification&)> on_notify;
  std::function<void(const ports::CertificateQuestion&)> on_validate;
  std::function<void(const ports::CertificateQuestion&)> on_accepted;
  // Inside the callee: it may do things to the job.
  std::function<void(Program&, Answer, const base::JobId&)> on_call;
  std::function<void(const Delivered&)> on_acknowledged;
  std::function<void(const Delivered&)> on_refused;
  std::function<std::string(const base::JobId&)> name_of;

 private:
  struct Call {
    ports::Notification notification;
    std::uint32_t uid = 0;
    Program* callee = nullptr;  // once it is inside
    bool hangs = false;
    bool dead = false;  // it ended inside the call: its answer was never sent
  };
  struct Asked {
    ports::CertificateQuestion question;
    Program* callee = nullptr;
    bool hangs = false;
    bool dead = false;
  };
  // Classes that do not start, and since when.
  using ClassOfOwner = std::pair<std::string, std::uint32_t>;
  void class_answered(const ClassOfOwner& one, ports::NotifyOutcome outcome);
  void check_pause(const ClassOfOwner& one);
  void later(std::uint64_t question, Microseconds delay, std::function<void(Asked&)> work);
  void check_open_calls(const ports::Notification& notification) const;
  void reach_validator(Asked& asked);
  void answer_validator(std::uint64_t question, ports::NotifyOutcome outcome, base::Code result);
  void validator_died(Program& program);
  void reach_object(base::Ticket ticket);
  void reach_class(base::Ticket ticket);
  void start_class(base::Ticket ticket, ClassServer& server);
  void call_instance(base::Ticket ticket, ClassServer& server);
  void enter(base::Ticket ticket, Program& callee, std::deque<Answer>& answers, Answer usual,
             const std::string& shown);
  void answer(base::Ticket ticket, ports::NotifyOutcome outcome, base::Code result);
  void lie(base::Ticket answered);
  Answer draw(std::deque<Answer>& answers, Answer usual);
  void later(base::Ticket ticket, Microseconds delay, std::function<void(base::Ticket)> work);

  Stage& stage_;
  Bus& bus_;
  std::map<base::Ticket, Call> calls_;
  std::set<base::Ticket> ever_;
  std::map<std::uint64_t, Asked> asked_;
  std::set<std::uint64_t> ever_asked_;
  struct Failing {
    Microseconds since{};
    int in_a_row = 0;
  };
  std::map<ClassOfOwner, Failing> failing_;
};

std::string_view to_word(Answer answer);

std::string_view to_word(core::NotifyKind kind);

}  // namespace backhaul::sim
