// SPDX-License-Identifier: Apache-2.0
#include "bus/bus.h"

#include <sys/stat.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>

#include "bus/names.h"
#include "bus/own.h"

namespace backhaul::bus {
namespace {

Failure failure_of(const sd_bus_error* error, int status) {
  if (error != nullptr && error->name != nullptr)
    return {error->name, error->message == nullptr ? "" : error->message};
  return failure_from_errno(status);
}

// A bus of another user ends the connection in the middle of the greeting, or its socket may not be used at all.
bool turned_away(const std::string& address, int status) {
  if (status == -EACCES || status == -EPERM) return true;
  if (status != -ENOTCONN && status != -ECONNRESET && status != -EPIPE) return false;
  constexpr std::string_view unix_path = "unix:path=";
  if (!address.starts_with(unix_path)) return false;
  const std::string path = address.substr(unix_path.size(), address.find(',') - unix_path.size());
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && info.st_uid != geteuid();
}

base::Error no_bus(const std::string& address, int status) {
  if (turned_away(address, status))
    return {base::Code::E_ACCESSDENIED, "the bus at " + address + " is that of another user"};
  base::Error error = error_from_errno(status, "no bus at " + address);
  error.code = base::Code::RPC_SERVER_UNAVAILABLE;
  return error;
}

base::Error no_greeting(const std::string& address, base::Microseconds limit) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(limit).count();
  return {base::Code::RPC_SERVER_UNAVAILABLE, "no bus at " + address + ": whoever listens there has not answered within " +
                                                  std::to_string(seconds) + (seconds == 1 ? " second" : " seconds")};
}

std::uint64_t timeout_of(base::Microseconds limit) {
  if (limit == no_limit) return UINT64_MAX;
  // 0 would mean the default of sd-bus.
  return static_cast<std::uint64_t>(std::max<base::Microseconds::rep>(limit.count(), 1));
}

using MessageCallback = std::move_only_function<void(const Message&)>;

// A call that could not be sent. Answers never come inside the call that asked, so this one waits
// for the loop as well; without a loop there is nobody to wait for.
using ReplyCallback = std::move_only_function<void(const Message*, const Failure*)>;
Slot refuse(sd_event* event, Failure failure, ReplyCallback callback) {
  struct Refused {
    Failure failure;
    ReplyCallback callback;
  };
  auto refused = std::make_unique<Refused>(std::move(failure), std::move(callback));
  sd_event_source* source = nullptr;
  const auto run = [](sd_event_source* self, void* data) {
    auto* held = static_cast<Refused*>(data);
    held->callback(nullptr, &held->failure);
    sd_event_source_set_floating(self, 0);  // it ran: a detached one may go
    return 0;
  };
  if (event == nullptr || sd_event_add_defer(event, &source, run, refused.get()) < 0) {
    refused->callback(nullptr, &refused->failure);
    return {};
  }
  sd_event_source_set_destroy_callback(source,
                                       [](void* data) { delete static_cast<Refused*>(data); });
  refused.release();
  return Slot(source);
}

}  // namespace

base::Result<Bus> Bus::begin(const std::string& address, Descriptors descriptors) {
  sd_bus* raw = nullptr;
  if (int r = sd_bus_new(&raw); r < 0) return error_from_errno(r, "making a bus connection");
  Bus bus(raw);
  int r = sd_bus_set_address(raw, address.c_str());
  if (r >= 0) r = sd_bus_set_bus_client(raw, 1);
  if (r >= 0) r = sd_bus_negotiate_fds(raw, descriptors == Descriptors::taken ? 1 : 0);
  if (r >= 0) r = sd_bus_start(raw);
  if (r < 0) return no_bus(address, r);
  return bus;
}

base::Result<Bus> Bus::open(const std::string& address, base::Microseconds limit) {
  using Clock = std::chrono::steady_clock;
  BH_TRY(Bus bus, begin(address, Descriptors::refused));
  const Clock::time_point end = Clock::now() + limit;
  while (sd_bus_is_ready(bus.bus_) == 0) {
    int r = sd_bus_process(bus.bus_, nullptr);
    if (r == 0) {
      const auto left = std::chrono::ceil<base::Microseconds>(end - Clock::now());
      if (left <= base::Microseconds::zero()) {
        sd_bus_close(bus.bus_);  // else its end would wait for the greeting, to send what is left
        return no_greeting(address, limit);
      }
      r = sd_bus_wait(bus.bus_, static_cast<std::uint64_t>(left.count()));
    }
    if (r < 0 && r != -EINTR) return no_bus(address, r);
  }
  const char* name = nullptr;
  if (const int r = sd_bus_get_unique_name(bus.bus_, &name); r < 0) return no_bus(address, r);
  return bus;
}

Bus& Bus::operator=(Bus&& other) noexcept {
  if (this != &other) {
    close();
    sd_bus_unref(bus_);
    bus_ = std::exchange(other.bus_, nullptr);
  }
  return *this;
}

Bus::~Bus() {
  close();
  sd_bus_unref(bus_);
}

base::Result<void> Bus::attach(sd_event* event) {
  if (int r = sd_bus_attach_event(bus_, event, 0); r < 0)
    return error_from_errno(r, "attaching the bus to the loop");
  return {};
}

std::string Bus::unique_name() const {
  const char* name = nullptr;
  return sd_bus_get_unique_name(bus_, &name) < 0 ? std::string() : std::string(name);
}

std::string Bus::address() const {
  const char* address = nullptr;
  return sd_bus_get_address(bus_, &address) < 0 ? std::string() : std::string(address);
}

base::Result<std::string> Bus::id() {
  auto answer =
      call<std::string>({daemon_name, daemon_path, daemon_interface, "GetId", usual_limit});
  if (!answer) return answer.error().error();
  return std::get<0>(*std::move(answer));
}

base::Result<void> Bus::request_name(const std::string& name) {
  const int r = sd_bus_request_name(bus_, name.c_str(), 0);
  if (r == -EEXIST)
    return {base::Code::ALREADY_EXISTS, "the bus name " + name + " is taken"};
  if (r < 0 && r != -EALREADY) return error_from_errno(r, "asking for the bus name " + name);
  return {};
}

base::Result<void> Bus::release_name(const std::string& name) {
  if (int r = sd_bus_release_name(bus_, name.c_str()); r < 0)
    return error_from_errno(r, "giving back the bus name " + name);
  return {};
}

void Bus::flush() { sd_bus_flush(bus_); }

void Bus::close() {
  if (bus_ == nullptr) return;
  sd_bus_flush(bus_);
  sd_bus_detach_event(bus_);
  sd_bus_close(bus_);
}

bool Bus::is_open() const { return sd_bus_is_open(bus_) > 0; }

base::Result<Bus::Wanted> Bus::wanted() const {
  const int fd = sd_bus_get_fd(bus_);
  const int events = sd_bus_get_events(bus_);
  std::uint64_t deadline = UINT64_MAX;
  const int r = sd_bus_get_timeout(bus_, &deadline);
  for (int status : {fd, events, r})
    if (status < 0) return error_from_errno(status, "the bus connection");
  Wanted wanted{fd, static_cast<short>(events)};
  if (deadline != UINT64_MAX) wanted.deadline = base::Microseconds(deadline);
  return wanted;
}

base::Result<bool> Bus::process() {
  const int r = sd_bus_process(bus_, nullptr);
  if (r < 0) return error_from_errno(r, "the bus connection");
  return r > 0;
}

Message Bus::new_call(const Call& call, int& status) const {
  sd_bus_message* message = nullptr;
  status = sd_bus_message_new_method_call(bus_, &message, call.destination.c_str(),
                                          call.path.c_str(), call.interface.c_str(),
                                          call.member.c_str());
  if (status < 0) return {};
  if (!call.auto_start) status = sd_bus_message_set_auto_start(message, 0);
  if (call.interactive && status >= 0) status = sd_bus_message_set_allow_interactive_authorization(message, 1);
  return Message::adopt(message);
}

Slot Bus::send_async(const Message& message, int status, base::Microseconds limit,
                     ReplyHandler handler) {
  auto state = std::make_unique<ReplyHandler>(std::move(handler));
  sd_bus_slot* slot = nullptr;
  if (status >= 0)
    status = sd_bus_call_async(
        bus_, &slot, message.native(),
        [](sd_bus_message* answer, void* data, sd_bus_error*) {
          auto& handle = *static_cast<ReplyHandler*>(data);
          const Message reply = Message::share(answer);
          const sd_bus_error* error = sd_bus_message_get_error(answer);
          if (error == nullptr) {
            handle(&reply, nullptr);
          } else {
            const Failure failure = failure_of(error, -EIO);
            handle(nullptr, &failure);
          }
          return 1;
        },
        state.get(), timeout_of(limit));
  if (status >= 0) return own(slot, std::move(state));
  return refuse(sd_bus_get_event(bus_), failure_from_errno(status), std::move(*state));
}

std::expected<Message, Failure> Bus::send_and_wait(const Message& message, int status,
                                                   base::Microseconds limit) {
  if (status < 0) return std::unexpected(failure_from_errno(status));
  sd_bus_error error{};
  sd_bus_message* answer = nullptr;
  status = sd_bus_call(bus_, message.native(), timeout_of(limit), &error, &answer);
  if (status >= 0) return Message::adopt(answer);
  Failure failure = failure_of(&error, status);
  sd_bus_error_free(&error);
  return std::unexpected(std::move(failure));
}

void Bus::send_only(const Message& message, int status) {
  // Nobody waits for it: a connection that is lost is noticed by on_disconnect.
  if (status < 0) return;
  std::uint8_t type = 0;
  if (sd_bus_message_get_type(message.native(), &type) >= 0 && type == SD_BUS_MESSAGE_METHOD_CALL)
    sd_bus_message_set_expect_reply(message.native(), 0);
  sd_bus_send(bus_, message.native(), nullptr);
}

Message Bus::new_signal(const std::string& destination, const std::string& path,
                        const std::string& interface, const std::string& member) const {
  sd_bus_message* message = nullptr;
  if (sd_bus_message_new_signal(bus_, &message, path.c_str(), interface.c_str(),
                                member.c_str()) < 0)
    return {};
  Message signal = Message::adopt(message);
  if (!destination.empty() && sd_bus_message_set_destination(message, destination.c_str()) < 0)
    return {};
  return signal;
}

Slot Bus::match(const std::string& rule, std::move_only_function<void(const Message&)> callback) {
  auto state = std::make_unique<MessageCallback>(std::move(callback));
  sd_bus_slot* slot = nullptr;
  const int r = sd_bus_add_match_async(
      bus_, &slot, rule.c_str(),
      [](sd_bus_message* message, void* data, sd_bus_error*) {
        (*static_cast<MessageCallback*>(data))(Message::share(message));
        return 0;  // others may want it too
      },
      nullptr, state.get());
  if (r < 0) return {};
  return own(slot, std::move(state));
}

Slot Bus::watch_name(const std::string& name,
                     std::move_only_function<void(const std::string&, const std::string&)> callback) {
  const std::string rule = std::string("type='signal',sender='") + daemon_name + "',path='" +
                           daemon_path + "',interface='" + daemon_interface +
                           "',member='NameOwnerChanged',arg0='" + name + "'";
  return match(rule, [callback = std::move(callback)](const Message& message) mutable {
    auto change = read_body<std::string, std::string, std::string>(message);
    if (change) callback(std::get<1>(*change), std::get<2>(*change));
  });
}

Slot Bus::on_disconnect(std::move_only_function<void()> callback) {
  return match("type='signal',sender='org.freedesktop.DBus.Local',"
               "path='/org/freedesktop/DBus/Local',interface='org.freedesktop.DBus.Local',"
               "member='Disconnected'",
               [callback = std::move(callback)](const Message&) mutable { callback(); });
}

}  // namespace backhaul::bus
