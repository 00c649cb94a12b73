// SPDX-License-Identifier: Apache-2.0
// The least program that the bus can start: owns a name, answers one call and exits. As a callback
// class it says with a signal that it was entered.
// Usage: bare_server NAME
#include <systemd/sd-bus.h>

namespace {

bool done = false;

int on_call(sd_bus_message* message, void*, sd_bus_error*) {
  if (sd_bus_message_is_method_call(message, "org.backhaul.Callback1", "Released")) return 0;
  done = true;
  if (!sd_bus_message_is_method_call(message, "org.backhaul.Callback1", nullptr))
    return sd_bus_reply_method_return(message, nullptr);
  sd_bus_emit_signal(sd_bus_message_get_bus(message), "/bare", "org.example.Bare", "Entered", "");
  return sd_bus_reply_method_return(message, "u", 0u);
}

}  // namespace

int main(int argc, char** argv) {
  sd_bus* bus = nullptr;
  if (argc < 2 || sd_bus_open_user(&bus) < 0) return 1;
  sd_bus_add_object(bus, nullptr, "/bare", on_call, nullptr);
  sd_bus_add_object(bus, nullptr, "/callback", on_call, nullptr);
  if (sd_bus_request_name(bus, argv[1], 0) < 0) return 1;
  while (!done) {
    const int result = sd_bus_process(bus, nullptr);
    if (result < 0) return 1;
    if (result == 0 && sd_bus_wait(bus, UINT64_MAX) < 0) return 1;
  }
  sd_bus_flush_close_unref(bus);
}
