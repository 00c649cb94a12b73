// SPDX-License-Identifier: Apache-2.0
// One connection to a bus. It belongs to one thread and is driven either by an sd-event loop
// (attach) or by its owner (fd, wanted, process). Destroying a Slot ends what it stands for; slots
// may outlive the Bus.
//
// A message whose descriptors find no room in this process ends the connection it came on, and anybody
// on a bus can send one. So a connection takes none unless it can be lost: the bus then refuses such a
// message to its sender.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "bus/codec.h"
#include "bus/errors.h"
#include "bus/message.h"
#include "bus/object.h"
#include "bus/slot.h"

struct sd_bus;
struct sd_event;

namespace backhaul::bus {

inline constexpr base::Microseconds no_limit = base::Microseconds::max();
inline constexpr base::Microseconds usual_limit = std::chrono::seconds(25);

// Whom to call, and how long to wait. The limit has no default on purpose.
struct Call {
  std::string destination;
  std::string path;
  std::string interface;
  std::string member;
  base::Microseconds limit;
  bool auto_start = true;  // may the bus start the destination?
  bool interactive = false;  // may somebody be asked for a password, so that it is permitted?
};

template <class... Out>
using Outcome = std::expected<std::tuple<Out...>, Failure>;

enum class Descriptors : std::uint8_t { refused, taken };

class Bus {
 public:
  // Connects and waits for the greeting of the bus; RPC_SERVER_UNAVAILABLE where whoever listens there gives none.
  static base::Result<Bus> open(const std::string& address, base::Microseconds limit = usual_limit);
  // Does not wait: what is sent meanwhile goes out behind the greeting, and is answered with an error
  // if there is none. For a bus that may be there.
  static base::Result<Bus> begin(const std::string& address, Descriptors descriptors);
  Bus(Bus&& other) noexcept : bus_(std::exchange(other.bus_, nullptr)) {}
  Bus& operator=(Bus&& other) noexcept;
  ~Bus();

  base::Result<void> attach(sd_event* event);
  sd_bus* native() const { return bus_; }
  std::string unique_name() const;
  std::string address() const;
  // GetId of the bus: unique names are never reused while it stays the same. Blocks once.
  base::Result<std::string> id();

  // ALREADY_EXISTS when somebody else has the name. Both block.
  base::Result<void> request_name(const std::string& name);
  base::Result<void> release_name(const std::string& name);
  void flush();
  void close();
  bool is_open() const;

  // For an owner with a loop of its own: poll `fd` for `events` until `deadline` (CLOCK_MONOTONIC;
  // never: max), then process() until it returns false.
  struct Wanted {
    int fd = -1;
    short events = 0;
    base::Microseconds deadline = base::Microseconds::max();
  };
  base::Result<Wanted> wanted() const;
  base::Result<bool> process();

  // `callback` is void(Outcome<Out...>).
  template <class... Out, class Callback, class... In>
  [[nodiscard]] Slot call_async(const Call& call, Callback callback, const In&... arguments);
  // Blocks. Messages that arrive meanwhile are kept for later.
  template <class... Out, class... In>
  Outcome<Out...> call(const Call& call, const In&... arguments);
  // No answer is wanted.
  template <class... In>
  void send(const Call& call, const In&... arguments);
  // An empty destination broadcasts. About how many octets it sent.
  template <class... In>
  std::size_t emit(const std::string& destination, const std::string& path, const std::string& interface,
            const std::string& member, const In&... arguments);

  // The callback gets every message that fits the match rule. Installed asynchronously: what the
  // bus is asked afterwards is answered after the match stands.
  [[nodiscard]] Slot match(const std::string& rule,
                           std::move_only_function<void(const Message&)> callback);
  // The name got a new owner, or lost it (both unique names; empty: none).
  [[nodiscard]] Slot watch_name(
      const std::string& name,
      std::move_only_function<void(const std::string& old_owner, const std::string& new_owner)>
          callback);
  [[nodiscard]] Slot on_disconnect(std::move_only_function<void()> callback);

  // The target and the rows' strings must outlive the slot.
  template <class T>
  [[nodiscard]] base::Result<Slot> add_object(const std::string& path,
                                              const std::string& interface,
                                              std::vector<Row<T>> rows, T& target) {
    return add_table(path, interface, {rows.begin(), rows.end()}, &target, nullptr);
  }
  // One target for every path below `prefix` that `accepts` knows.
  template <class T>
  [[nodiscard]] base::Result<Slot> add_fallback(const std::string& prefix,
                                                const std::string& interface,
                                                std::vector<Row<T>> rows, T& target,
                                                bool (*accepts)(std::string_view path)) {
    return add_table(prefix, interface, {rows.begin(), rows.end()}, &target, accepts);
  }
  // Shows org.freedesktop.DBus.ObjectManager in the introspection of `path`; its calls are answered by
  // a filter, because the answer may have to wait.
  [[nodiscard]] base::Result<Slot> add_object_manager(const std::string& path);
  // Sees every call to `prefix` or a path below it before the tables that were added for `prefix` itself do, but after
  // the tables of a longer path, which need a filter of their own; true: it took care of it.
  [[nodiscard]] base::Result<Slot> add_filter(
      const std::string& prefix, std::move_only_function<bool(const Message&)> filter);

  // Sees every method call before anything else does, the bus library's own answers included; true:
  // it took care of it.
  [[nodiscard]] base::Result<Slot> filter_calls(
      std::move_only_function<bool(const Message&)> filter);
  // A call that a filter kept comes in once more, behind those that are here already.
  // False: there is no room for it.
  bool receive_again(const Message& call);

 private:
  using ReplyHandler = std::move_only_function<void(const Message*, const Failure*)>;

  explicit Bus(sd_bus* bus) : bus_(bus) {}
  Message new_call(const Call& call, int& status) const;
  Slot send_async(const Message& message, int status, base::Microseconds limit,
                  ReplyHandler handler);
  std::expected<Message, Failure> send_and_wait(const Message& message, int status,
                                                base::Microseconds limit);
  void send_only(const Message& message, int status);
  Message new_signal(const std::string& destination, const std::string& path,
                     const std::string& interface, const std::string& member) const;
  base::Result<Slot> add_table(const std::string& path, const std::string& interface,
                               std::vector<RowData> rows, void* target,
                               bool (*accepts)(std::string_view));
  template <class... Out>
  static Outcome<Out...> decode(const Message& message);

  sd_bus* bus_ = nullptr;
};

template <class... Out>
Outcome<Out...> Bus::decode(const Message& message) {
  auto values = read_body<Out...>(message);
  if (values) return *std::move(values);
  return std::unexpected(Failure{error_name(values.error().code), values.error().text});
}

template <class... Out, class Callback, class... In>
Slot Bus::call_async(const Call& call, Callback callback, const In&... arguments) {
  int status = 0;
  const Message message = new_call(call, status);
  if (status >= 0) status = write_body(message.native(), arguments...);
  return send_async(message, status, call.limit,
                    [callback = std::move(callback)](const Message* answer,
                                                     const Failure* failure) mutable {
                      if (failure != nullptr)
                        callback(Outcome<Out...>(std::unexpected(*failure)));
                      else
                        callback(decode<Out...>(*answer));
                    });
}

template <class... Out, class... In>
Outcome<Out...> Bus::call(const Call& call, const In&... arguments) {
  int status = 0;
  const Message message = new_call(call, status);
  if (status >= 0) status = write_body(message.native(), arguments...);
  auto answer = send_and_wait(message, status, call.limit);
  if (!answer) return std::unexpected(std::move(answer).error());
  return decode<Out...>(*answer);
}

template <class... In>
void Bus::send(const Call& call, const In&... arguments) {
  int status = 0;
  const Message message = new_call(call, status);
  if (status >= 0) status = write_body(message.native(), arguments...);
  send_only(message, status);
}

template <class... In>
std::size_t Bus::emit(const std::string& destination, const std::string& path,
                      const std::string& interface, const std::string& member,
                      const In&... arguments) {
  const Message message = new_signal(destination, path, interface, member);
  if (!message) return 0;
  const Written written = write_counted(message.native(), arguments...);
  send_only(message, written.status);
  return written.octets;
}

}  // namespace backhaul::bus
