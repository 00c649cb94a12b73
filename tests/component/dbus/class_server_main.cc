// SPDX-License-Identifier: Apache-2.0
// A class server, well behaved or not, started by the bus of a test:
//   class-server LOG NAME [exit N | unnamed | no-instance | refuse | die]... [-Embedding]
// It writes what happens to it into LOG, one line each, and ends with its bus.
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "bus/connect.h"
#include "bus/names.h"
#include "bus/wire.h"
#include "loop/loop.h"

namespace {

using namespace backhaul;

class Server {
 public:
  Server(std::string log, std::set<std::string> ways) : log_(std::move(log)), ways_(std::move(ways)) {}

  bool is(const std::string& way) const { return ways_.contains(way); }
  void write(const std::string& line) { std::ofstream(log_, std::ios::app) << line << "\n"; }

  base::Result<std::tuple<bus::ObjectPath, std::uint32_t>> create(const bus::Message& call) {
    write("create as " + call.destination());
    if (is("no-instance")) return base::Error(base::Code::E_OUTOFMEMORY, "no room");
    return std::tuple(bus::ObjectPath{"/instance/" + std::to_string(++instances_)}, 1U);
  }
  base::Result<std::uint32_t> transferred(const bus::Message& call, std::uint64_t sequence,
                                          bus::ObjectPath) {
    write("transferred " + std::to_string(sequence) + " at " + call.path());
    if (is("die")) _exit(1);
    return base::to_number(is("refuse") ? base::Code::E_FAIL : base::Code::S_OK);
  }
  base::Result<void> released(const bus::Message& call) {
    write("released " + call.path());
    return {};
  }

 private:
  std::string log_;
  std::set<std::string> ways_;
  int instances_ = 0;
};

bool any_path(std::string_view) { return true; }

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return 2;
  std::set<std::string> ways;
  std::string line = "start";
  for (int n = 3; n < count; ++n) {
    ways.insert(arguments[n]);
    line += std::string(" ") + arguments[n];
  }
  Server server(arguments[1], ways);
  server.write(line + " pid " + std::to_string(getpid()));
  if (server.is("exit")) return std::atoi(arguments[4]);

  auto connection = bus::connect_session(bus::Place::current());
  if (!connection) return 1;
  bus::Bus& bus = connection->bus;
  loop::Loop loop;
  if (!bus.attach(loop.native())) return 1;
  const auto factory = bus.add_object(
      bus::class_path, bus::class_factory_interface,
      {bus::method<&Server::create>("CreateInstance", "path\0level\0")}, server);
  const auto callbacks = bus.add_fallback(
      "/", bus::callback_interface,
      {bus::method<&Server::transferred>("JobTransferred", "seq\0job\0result\0"),
       bus::method<&Server::released>("Released", "")},
      server, &any_path);
  const bus::Slot gone = bus.on_disconnect([&] { loop.exit(0); });
  if (!factory || !callbacks) return 1;
  if (!server.is("unnamed") && !bus.request_name(arguments[2])) return 1;
  return loop.run();
}
