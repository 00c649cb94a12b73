// SPDX-License-Identifier: Apache-2.0
// A program that owns the bus names given to it until its bus goes away, and answers nothing.
#include "bus/connect.h"
#include "loop/loop.h"

int main(int count, char** arguments) {
  using namespace backhaul;
  auto connection = bus::connect_session(bus::Place::current());
  if (!connection) return 1;
  loop::Loop loop;
  if (!connection->bus.attach(loop.native())) return 1;
  const bus::Slot gone = connection->bus.on_disconnect([&] { loop.exit(0); });
  for (int n = 1; n < count; ++n)
    if (!connection->bus.request_name(arguments[n])) return 1;
  return loop.run();
}
