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

using Done = base::Result<std::tuple<>>;

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

}  // namespace

base::Result<std::tuple<>> add_files_in(detail::Connection& connection, const std::string& job, int directory,
                                        const std::vector<bus::NewFile>& files) {
  const bus::FileDescriptor copy(fcntl(directory, F_DUPFD_CLOEXEC, 3));
  if (!copy) return base::Error(base::Code::E_INVALIDARG, "this is no descriptor of a directory");
  const bus::Call target = connection.target(job, bus::job_interface, "AddFilesIn");
  return connection.insist(Kind::change, [&]() -> Done {
    return connection.ask<std::tuple<>>([&](Session& session, auto promise) {
      auto begun = begin_handover(session, connection.loop(), copy);
      if (!begun) return promise.set(std::move(begun).error());
      std::unique_ptr<Handover> handover = *std::move(begun);
      bus::Bus& own = handover->line();
      // It goes when its own call was answered, and not while the bus is still at work with that.
      auto answered = [&connection, handover = std::move(handover),
                       promise = std::move(promise)](const bus::Outcome<>& outcome) mutable {
        promise.set(outcome ? Done(std::tuple<>()) : Done(outcome.error().error()));
        connection.post([over = std::move(handover)] {});
      };
      own.call_async<>(target, std::move(answered), bus::ObjectPath{directory_path}, files).detach();
    });
  });
}

}  // namespace backhaul::client
