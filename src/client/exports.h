// SPDX-License-Identifier: Apache-2.0
// The objects of this process that the service calls: registered callbacks and certificate
// validators, instances of classes, callbacks served at a path of their own, and the class factory.
// I/O thread only; the program's code runs on the pool.
#pragma once

#include <backhaul/callback.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bus/bus.h"
#include "bus/wire.h"

namespace backhaul {
namespace detail {

class Connection;

// What a ClassServer stands for.
class ClassServerState {
 public:
  ClassServerState(Connection& its_connection, std::string its_name)
      : connection(its_connection), name(std::move(its_name)) {}
  ~ClassServerState();

  Connection& connection;
  const std::string name;
  std::function<std::shared_ptr<Callback>()> factory;  // unset: the native form
  std::function<void()> idle;

  // Objects that the service holds; what is being made counts too.
  void count_up();
  void count_down();  // the last one: idle
  std::size_t count() const;
  bool alive() const;
  bool end();  // true for whoever ended it

 private:
  mutable std::mutex mutex_;
  std::size_t count_ = 0;
  bool alive_ = true;
};

}  // namespace detail

namespace client {

// A job has one registered object of each.
enum class Role : std::uint8_t { callback, validator };

struct Registration {
  std::string path;
  Role role = Role::callback;
  std::string job;     // path of the job, for a registered object
  std::string holder;  // unique name of who asked for it, for an instance
  std::shared_ptr<Callback> callback;  // a ValidatorCallback in the role of a validator
  std::shared_ptr<detail::ClassServerState> server;
  bool served = false;  // stays when it is released: it is no instance but the program's own
  bool settled = false;  // the service took it or refused it: only then it may be dropped
  bool notify = false;  // released() is owed
  bool ending = false;  // its job is over: the service tells of that, then releases it
  bool ended = false;
  unsigned running = 0;
};

class Exports {
 public:
  explicit Exports(detail::Connection& connection) : connection_(connection) {}
  // Everything is over: the bus has ended.
  ~Exports();

  base::Result<void> attach(bus::Bus& bus);
  // Unique names of who may call; empty: not running. The messenger speaks on the bus of a session for the service of
  // the machine, and calls classes alone.
  void set_service(const std::string& unique_name);
  void set_messenger(const std::string& unique_name) { change(messenger_, unique_name); }

  // A registered object: `add` before the service is asked, then confirm or refuse.
  std::shared_ptr<Registration> add(Role role, std::shared_ptr<Callback> callback,
                                    const std::string& job);
  void confirm(const std::shared_ptr<Registration>& registration);
  void refuse(const std::shared_ptr<Registration>& registration);
  // The job needs the object no more: cleared, or replaced.
  void end_object(const std::string& job, Role role);
  // The job is over. Its object may still be told so.
  void end_job(const std::string& job);
  std::shared_ptr<Callback> find(const std::string& path) const;
  // Does the service owe somebody here a call?
  bool holds_registrations() const;

  base::Result<void> serve(bus::Bus& bus, const std::shared_ptr<detail::ClassServerState>& server,
                           const std::string& path, std::shared_ptr<Callback> callback);
  base::Result<void> add_class(bus::Bus& bus,
                               const std::shared_ptr<detail::ClassServerState>& server);
  void remove_class(const detail::ClassServerState& server);
  // It never got its name: nobody has called it, and it is told nothing.
  void withdraw(const detail::ClassServerState& server);

  // The rows of Callback1, CertificateValidator1 and ClassFactory1.
  void job_transferred(bus::Reply<std::uint32_t> reply, std::uint64_t seq, bus::ObjectPath job);
  void job_error(bus::Reply<std::uint32_t> reply, std::uint64_t seq, bus::ObjectPath job,
                 bus::ErrorTuple error);
  void job_modification(bus::Reply<std::uint32_t> reply, std::uint64_t seq, bus::ObjectPath job);
  void file_transferred(bus::Reply<std::uint32_t> reply, std::uint64_t seq, bus::ObjectPath job,
                        bus::ObjectPath file);
  void file_ranges_transferred(bus::Reply<std::uint32_t> reply, std::uint64_t seq,
                               bus::ObjectPath job, bus::ObjectPath file,
                               std::vector<bus::RangeTuple> ranges);
  void validate(bus::Reply<std::uint32_t> reply, bus::ObjectPath job, bus::ObjectPath file,
                std::vector<std::vector<std::uint8_t>> chain, std::uint32_t errors);
  base::Result<void> released(const bus::Message& call);
  void create_instance(bus::Reply<bus::ObjectPath, std::uint32_t> reply);

 private:
  using Reply = bus::Reply<std::uint32_t>;
  struct Event {
    Notification::Kind kind;
    std::uint64_t sequence;
    std::string job, file;
    bus::ErrorTuple error;
    std::vector<bus::RangeTuple> ranges;
  };
  static std::vector<bus::Row<Exports>> callback_rows();
  static std::vector<bus::Row<Exports>> validator_rows();
  void change(std::string& speaker, const std::string& unique_name);
  bool may_call(const std::string& unique_name) const { return unique_name == service_ || unique_name == messenger_; }
  // False: it was refused.
  template <class AnyReply>
  bool let_in(AnyReply& reply) const {
    if (may_call(reply.call().sender())) return true;
    reply.fail({base::Code::E_ACCESSDENIED, "only the service of backhaul may call this"});
    return false;
  }
  // The one that knows the jobs of which the caller tells.
  base::Result<detail::Connection*> connection_for(const std::string& caller) const;
  // Who is called; null: nobody whom the caller may call, and it was told so.
  std::shared_ptr<Registration> called(Reply& reply, Role role);
  // The program's code, where its object wants it; then the reply.
  void run(Reply reply, const std::shared_ptr<Registration>& registration,
           std::move_only_function<std::uint32_t()> work);
  void notify(Reply reply, const Event& event);
  void end(const std::shared_ptr<Registration>& registration);
  void end_all(const std::function<bool(const Registration&)>& is_over);
  std::string new_path();
  std::shared_ptr<detail::ClassServerState> class_called(const bus::Message& call) const;

  detail::Connection& connection_;
  const std::shared_ptr<char> alive_ = std::make_shared<char>();  // what is posted to us asks it
  std::string service_, messenger_;
  std::map<std::string, std::shared_ptr<Registration>, std::less<>> registrations_;
  std::vector<std::shared_ptr<detail::ClassServerState>> classes_;
  bus::Slot callbacks_;
  bus::Slot validators_;
  bus::Slot factory_;
  std::map<std::string, bus::Slot> served_;
};

}  // namespace client
}  // namespace backhaul
