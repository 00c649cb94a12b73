// SPDX-License-Identifier: Apache-2.0
// The world around a test of libbackhaul-bits: a private bus with the real service behind it, a web
// server, and a folder; one for each test program. Everything else the tests do through the BITS
// headers. No header of the service's own is included here: its names and those of <bits.h> meet.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace backhaul::test {

inline constexpr std::chrono::milliseconds patience{60'000};
// A second of the service's clock takes this part of a second here.
inline constexpr int time_scale = 10;

// Looks until the condition holds; false when the time is over. For what cannot be waited for.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit = patience);
// The condition stays false for this long: "nothing more happens".
bool never(const std::function<bool()>& condition, std::chrono::milliseconds period);

// The test cannot go on: it fails, and what it started is ended all the same.
[[noreturn]] void fail(const std::string& what);

class Stage {
 public:
  // What the service allows a class to start; the bus counts it, so it is real time.
  static constexpr std::chrono::milliseconds class_start_timeout{3000};

  // Begun by begin(), which fixture.h calls for the whole program, and over after end().
  static Stage& get();
  static void begin();
  static void end();
  ~Stage();

  // Answers of the web server for a path of its own, in the words of tests/support/behaviour.h.
  std::string url(const std::string& path) const;
  void answer(const std::string& path, const std::string& behaviours);
  void release(const std::string& path);  // gated answers flow freely now
  // Another server, over https, whose authority the service trusts; begun when it is first asked
  // for. It has "/file"; its certificate in DER.
  std::string secure_url();
  std::string certificate();

  std::string folder(const std::string& name) const;  // path of `name` in the test's folder

  // The service: killed, and back under the same name.
  void kill_service();
  void kill_service_and_guardian();  // nobody brings it back by himself
  pid_t owner_of(const std::string& bus_name) const;  // 0: nobody
  // Runs a program to its end; its exit status.
  int run(const std::vector<std::string>& command) const;
  // Makes the bus start a program for a class; "{xxxxxxxx-…}".
  void install_class(const std::string& clsid, const std::vector<std::string>& command);

 private:
  Stage();
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace backhaul::test
