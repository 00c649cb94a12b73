// SPDX-License-Identifier: Apache-2.0
#include "client/handover.h"

#include <fcntl.h>

#include <deque>
#include <memory>
#include <utility>

#include "bus/bus.h"
#include "bus/names.h"
#include "bus/object.h"
#include "bus/secret_file.h"

namespace backhaul::client {
namespace {

constexpr char directory_path[] = "/org/backhaul/directory";
constexpr char secrets_path[] = "/org/backhaul/secret/";  // and a number

// An object that is asked for what it has.
struct Handed {
  std::string path;
  const char* interface;
  const char* result;  // as the contract calls it
  bus::FileDescriptor descriptor;

  void open(bus::Reply<bus::FileDescriptor> reply) { reply.send(descriptor); }
};

// What a call names. A call that is made again hands over the same; they stay where they are.
using AllHanded = std::shared_ptr<std::deque<Handed>>;

// A call that is under way. I/O thread.
class Handover {
 public:
  Handover(bus::Bus own, AllHanded handed) : bus_(std::move(own)), handed_(std::move(handed)) {}
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;

  base::Result<void> publish(loop::Loop& loop) {
    BH_CHECK(bus_.attach(loop.native()));
    for (Handed& one : *handed_) {
      std::vector<bus::Row<Handed>> rows{bus::method<&Handed::open>("Open", one.result)};
      BH_TRY(bus::Slot object, bus_.add_object(one.path, one.interface, std::move(rows), one));
      objects_.push_back(std::move(object));
    }
    return {};
  }
  bus::Bus& line() { return bus_; }

 private:
  bus::Bus bus_;
  const AllHanded handed_;
  std::vector<bus::Slot> objects_;
};

base::Result<std::unique_ptr<Handover>> begin_handover(Session& session, loop::Loop& loop, const AllHanded& handed) {
  BH_TRY(bus::Bus own, bus::Bus::begin(session.bus().address(), bus::Descriptors::taken));
  auto handover = std::make_unique<Handover>(std::move(own), handed);
  BH_CHECK(handover->publish(loop));
  return handover;
}

// A call whose arguments name the paths of what is handed over.
template <class... Out, class... In>
base::Result<std::tuple<Out...>> call_with(detail::Connection& connection, const AllHanded& handed,
                                           const bus::Call& target, const In&... arguments) {
  using Value = std::tuple<Out...>;
  return connection.insist(Kind::change, [&]() -> base::Result<Value> {
    return connection.ask<Value>([&](Session& session, auto promise) {
      auto begun = begin_handover(session, connection.loop(), handed);
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

base::Result<bus::ObjectPath> hand_directory(std::deque<Handed>& handed, int directory) {
  bus::FileDescriptor copy(fcntl(directory, F_DUPFD_CLOEXEC, 3));
  if (!copy) return base::Error(base::Code::E_INVALIDARG, "this is no descriptor of a directory");
  handed.push_back({directory_path, bus::directory_interface, "directory\0", std::move(copy)});
  return bus::ObjectPath{directory_path};
}

base::Result<bus::ObjectPath> hand_secret(std::deque<Handed>& handed, const bus::CredentialsTuple& secret) {
  BH_TRY(bus::FileDescriptor file, bus::make_secret_file({secret.user, secret.password}));
  const std::string path = secrets_path + std::to_string(handed.size());
  handed.push_back({path, bus::secret_interface, "secret\0", std::move(file)});
  return bus::ObjectPath{path};
}

}  // namespace

base::Result<std::tuple<>> add_files_in(detail::Connection& connection, const std::string& job, int directory,
                                        const std::vector<bus::NewFile>& files) {
  const auto handed = std::make_shared<std::deque<Handed>>();
  BH_TRY(const bus::ObjectPath object, hand_directory(*handed, directory));
  return call_with<>(connection, handed, connection.target(job, bus::job_interface, "AddFilesIn"), object, files);
}

base::Result<std::tuple<bus::ObjectPath>> enqueue_with(detail::Connection& connection, std::optional<int> directory,
                                                       const std::vector<bus::CredentialsTuple>& secrets,
                                                       bus::NewJob job, const std::vector<bus::NewFile>& files,
                                                       bool start) {
  const auto handed = std::make_shared<std::deque<Handed>>();
  if (directory) {
    BH_TRY(job.directory, hand_directory(*handed, *directory));
  }
  for (const bus::CredentialsTuple& secret : secrets) {
    if (!job.credentials_from) job.credentials_from.emplace();
    BH_TRY(bus::ObjectPath object, hand_secret(*handed, secret));
    job.credentials_from->push_back({secret.target, secret.scheme, std::move(object)});
  }
  return call_with<bus::ObjectPath>(connection, handed,
                                    connection.target(bus::root_path, bus::manager_interface, "Enqueue"), job, files,
                                    start);
}

base::Result<std::tuple<>> set_credentials_from(detail::Connection& connection, const std::string& job,
                                                const bus::CredentialsTuple& secret) {
  const auto handed = std::make_shared<std::deque<Handed>>();
  BH_TRY(const bus::ObjectPath object, hand_secret(*handed, secret));
  return call_with<>(connection, handed, connection.target(job, bus::job_interface, "SetCredentialsFrom"),
                     secret.target, secret.scheme, object);
}

}  // namespace backhaul::client
