// SPDX-License-Identifier: Apache-2.0
#include "client/handed_directory.h"

#include <fcntl.h>

#include <memory>
#include <utility>

#include "bus/bus.h"
#include "bus/names.h"
#include "bus/object.h"

namespace backhaul::client {
namespace {

constexpr char directory_path[] = "/org/backhaul/directory";

// A call that is under way. I/O thread.
class Handover {
 public:
  Handover(bus::Bus own, bus::FileDescriptor directory) : bus_(std::move(own)), directory_(std::move(directory)) {}
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;

  base::Result<void> publish(loop::Loop& loop) {
    BH_CHECK(bus_.attach(loop.native()));
    std::vector<bus::Row<Handover>> rows{bus::method<&Handover::open>("Open", "directory\0")};
    BH_TRY(object_, bus_.add_object(directory_path, bus::directory_interface, std::move(rows), *this));
    return {};
  }
  bus::Bus& line() { return bus_; }
  void open(bus::Reply<bus::FileDescriptor> reply) { reply.send(directory_); }

 private:
  bus::Bus bus_;
  const bus::FileDescriptor directory_;
  bus::Slot object_;
};

base::Result<std::unique_ptr<Handover>> begin_handover(Session& session, loop::Loop& loop,
                                                       const bus::FileDescriptor& directory) {
  bus::FileDescriptor copy(fcntl(directory.get(), F_DUPFD_CLOEXEC, 3));
  if (!copy) return base::Error(base::Code::TOO_MANY_OPEN_FILES);
  BH_TRY(bus::Bus own, bus::Bus::begin(session.bus().address(), bus::Descriptors::taken));
  auto handover = std::make_unique<Handover>(std::move(own), std::move(copy));
  BH_CHECK(handover->publish(loop));
  return handover;
}

// A call whose arguments name `directory_path`.
template <class... Out, class... In>
base::Result<std::tuple<Out...>> call_with(detail::Connection& connection, int directory, const bus::Call& target,
                                           const In&... arguments) {
  using Value = std::tuple<Out...>;
  const bus::FileDescriptor copy(fcntl(directory, F_DUPFD_CLOEXEC, 3));
  if (!copy) return base::Error(base::Code::E_INVALIDARG, "this is no descriptor of a directory");
  return connection.insist(Kind::change, [&]() -> base::Result<Value> {
    return connection.ask<Value>([&](Session& session, auto promise) {
      auto begun = begin_handover(session, connection.loop(), copy);
      if (!begun) return promise.set(std::move(begun).error());
      std::unique_ptr<Handover> handover = *std::move(begun);
      bus::Bus& own = handover->line();
      // It goes when its own call was answered, and not while the bus is still at work with that.
      auto answered = [&connection, handover = std::move(handover),
                       promise = std::move(promise)](bus::Outcome<Out...> outcome) mutable {
        if (outcome) promise.set(*std::move(outcome));
        else promise.set(outcome.error().error());
        connection.post([over = std::move(handover)] {});
      };
      own.call_async<Out...>(target, std::move(answered), arguments...).detach();
    });
  });
}

}  // namespace

base::Result<std::tuple<>> add_files_in(detail::Connection& connection, const std::string& job, int directory,
                                        const std::vector<bus::NewFile>& files) {
  return call_with<>(connection, directory, connection.target(job, bus::job_interface, "AddFilesIn"),
                     bus::ObjectPath{directory_path}, files);
}

base::Result<std::tuple<bus::ObjectPath>> enqueue_in(detail::Connection& connection, int directory, bus::NewJob job,
                                                     const std::vector<bus::NewFile>& files, bool start) {
  job.directory = bus::ObjectPath{directory_path};
  return call_with<bus::ObjectPath>(connection, directory,
                                    connection.target(bus::root_path, bus::manager_interface, "Enqueue"), job, files,
                                    start);
}

}  // namespace backhaul::client
