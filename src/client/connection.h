// SPDX-License-Identifier: Apache-2.0
// The connection of a process to the service. One I/O thread owns the bus; every other thread hands
// it a closure and waits for the answer. Connections are made once per set of options and never
// freed: at exit() a pool thread may still need them.
//
// When the bus is lost the session goes, with everything that was registered in it; the next call
// opens another one.
#pragma once

#include <backhaul/client.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "base/result.h"
#include "bus/bus.h"
#include "bus/connect.h"
#include "client/data.h"
#include "client/exports.h"
#include "client/fork_guard.h"
#include "client/listeners.h"
#include "client/record.h"
#include "client/revival.h"
#include "client/waiter.h"
#include "loop/loop.h"

namespace backhaul {
namespace client {

// The open bus and what is registered on it. I/O thread only.
class Session {
 public:
  static base::Result<std::unique_ptr<Session>> open(detail::Connection& connection,
                                                     bus::Connection bus);

  bus::Bus& bus() { return bus_.bus; }
  bus::Connection& place() { return bus_; }
  Exports& exports() { return exports_; }
  void want_signals();
  // For who serves classes, which the service of the machine has called by somebody else.
  void follow_messenger();

 private:
  Session(detail::Connection& connection, bus::Connection bus);
  base::Result<void> start();
  void service_changed(const std::string& new_owner);
  void bring_back();
  void signal(const bus::Message& message);

  detail::Connection& connection_;
  bus::Connection bus_;
  Exports exports_;
  bus::Slot lost_;
  bus::Slot owner_;
  bus::Slot messenger_;
  bus::Slot messenger_now_;
  bus::Slot signals_;
  bus::Slot start_;
  Revival revival_;
};

// The thread that waits, and the one that answers. Dropped without an answer: RPC_E_DISCONNECTED,
// so that nobody waits for ever.
template <class T>
class Answer {
 public:
  T wait() {
    if (waiter_ != nullptr) {
      waiter_->wait([this] {
        const std::scoped_lock lock(mutex_);
        return value_.has_value();
      });
    }
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return value_.has_value(); });
    return *std::move(value_);
  }

  class Promise {
   public:
    explicit Promise(Answer& answer) : answer_(&answer) {}
    Promise(Promise&& other) noexcept : answer_(std::exchange(other.answer_, nullptr)) {}
    Promise& operator=(Promise&&) = delete;
    ~Promise() {
      if (answer_ != nullptr) set(base::Error(base::Code::RPC_E_DISCONNECTED));
    }
    // Notifies under the lock: the Answer is on the stack of the waiting thread.
    void set(T value) {
      Answer& answer = *std::exchange(answer_, nullptr);
      const std::scoped_lock lock(answer.mutex_);
      answer.value_.emplace(std::move(value));
      answer.ready_.notify_one();
      if (answer.waiter_ != nullptr) answer.waiter_->wake();
    }

   private:
    Answer* answer_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::optional<T> value_;
  Waiter* const waiter_ = waiter();  // of the thread that made this and waits
};

// Is it safe to ask again when the answer was lost?
enum class Kind { change, read };

}  // namespace client

namespace detail {

class Connection {
 public:
  // Refused in a forked child, and where the program is short of descriptors, threads or memory.
  static base::Result<Connection*> get(ConnectOptions options);

  client::Records& records() { return records_; }
  loop::Loop& loop() { return loop_; }
  bool may_start() const { return options_.start; }
  bool is_system() const { return options_.system; }
  client::Listeners& listeners() { return listeners_; }

  static bool on_io_thread();
  // Any thread.
  void post(loop::Callback callback);
  // Runs `work` on the I/O thread with an open session, or with the reason why there is none.
  using Work = std::move_only_function<void(base::Result<client::Session*>)>;
  void enter(Work work);
  // … only if there is one; nobody waits.
  void if_open(std::move_only_function<void(client::Session&)> work);

  // Calls a method of the service and waits. Every call of the library comes through here.
  template <class... Out, class... In>
  base::Result<std::tuple<Out...>> call(client::Kind kind, const std::string& path,
                                        const std::string& interface, const std::string& member,
                                        const In&... arguments);
  // All properties of an object.
  template <class Properties>
  base::Result<Properties> properties(const std::string& path, const std::string& interface);
  // Runs `work(session, promise)` on the I/O thread and waits until the promise is kept.
  template <class T, class F>
  base::Result<T> ask(F work);
  // Runs `attempt`; starts the service and runs it again when there was none, and repeats a read
  // whose answer was lost. A change is never repeated: it may have been made.
  template <class F>
  auto insist(client::Kind kind, F attempt) -> decltype(attempt());

  bus::Call target(const std::string& path, const std::string& interface,
                   const std::string& member) const;

  // I/O thread. Starts the service where the bus cannot; blocks.
  base::Result<void> start_directly(client::Session& session);
  // I/O thread. What was sent is with the bus when it returns, unless that is gone.
  void flush();
  // I/O thread. Nothing happens when `session` is not the present one.
  void session_lost(const client::Session* session);

 private:
  explicit Connection(ConnectOptions options);
  void run();
  base::Result<client::Session*> ensure_session();
  // Makes the service run on the bus of the session, or finds it on another one.
  base::Result<void> start_service();

  template <class... Out, class... In>
  base::Result<std::tuple<Out...>> attempt(const bus::Call& target, const In&... arguments);

  const ConnectOptions options_;
  loop::Loop loop_;
  loop::Poster poster_;
  client::ForkedFd fd_;
  client::Records records_;
  client::Listeners listeners_;
  std::unique_ptr<client::Session> session_;  // I/O thread
};

template <class T, class F>
base::Result<T> Connection::ask(F work) {
  if (client::in_forked_child()) return base::Code::RPC_E_DISCONNECTED;
  client::Answer<base::Result<T>> answer;
  enter([promise = typename client::Answer<base::Result<T>>::Promise(answer),
         work = std::move(work)](base::Result<client::Session*> session) mutable {
    if (!session) promise.set(std::move(session).error());
    else work(**session, std::move(promise));
  });
  return answer.wait();
}

template <class F>
auto Connection::insist(client::Kind kind, F attempt) -> decltype(attempt()) {
  auto result = attempt();
  if (result || client::in_forked_child()) return result;
  const base::Code code = result.error().code;
  if (code == base::Code::RPC_SERVER_UNAVAILABLE && options_.start) {
    // The bus cannot start it: it may be ours to start, or be found on another bus.
    if (auto started = start_service(); !started) return std::move(started).error();
    return attempt();
  }
  if (code == base::Code::RPC_E_DISCONNECTED && kind == client::Kind::read) return attempt();
  return result;
}

template <class... Out, class... In>
base::Result<std::tuple<Out...>> Connection::attempt(const bus::Call& target,
                                                     const In&... arguments) {
  using Value = std::tuple<Out...>;
  return ask<Value>([&](client::Session& session, auto promise) {
    session.bus()
        .call_async<Out...>(
            target,
            [promise = std::move(promise)](bus::Outcome<Out...> outcome) mutable {
              if (outcome) promise.set(*std::move(outcome));
              else promise.set(outcome.error().error());
            },
            arguments...)
        .detach();
  });
}

template <class... Out, class... In>
base::Result<std::tuple<Out...>> Connection::call(client::Kind kind, const std::string& path,
                                                  const std::string& interface,
                                                  const std::string& member,
                                                  const In&... arguments) {
  return insist(kind, [&] { return attempt<Out...>(target(path, interface, member), arguments...); });
}

template <class Properties>
base::Result<Properties> Connection::properties(const std::string& path,
                                                const std::string& interface) {
  auto result = call<Properties>(client::Kind::read, path, "org.freedesktop.DBus.Properties",
                                 "GetAll", interface);
  if (!result) return result.error();
  return std::get<0>(*std::move(result));
}

}  // namespace detail
}  // namespace backhaul
