// SPDX-License-Identifier: Apache-2.0
// A class as a program of its own, for jobs of the service of the machine: class_program NAME PATH REPORT. It completes
// the job that it is told of, and writes into REPORT who it is and what came of that.
#include <backhaul/backhaul.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <future>
#include <string>

namespace {

// Whole, or not at all.
void write_report(const std::string& path, const backhaul::Job& job, std::uint32_t result) {
  const std::string made = path + ".new";
  std::ofstream(made) << R"({"uid": )" << getuid() << R"(, "job": ")" << job.id() << R"(", "result": )" << result << "}";
  std::rename(made.c_str(), path.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto client = backhaul::Client::connect_system();
  if (!client) return 3;
  std::promise<void> told;
  backhaul::CallbackFunctions functions;
  functions.job_transferred = [&](const backhaul::Notification& event) {
    backhaul::Job job = event.job;
    const std::uint32_t result = job.complete().code();
    write_report(argv[3], job, result);
    told.set_value();
    return result;
  };
  const auto server =
      backhaul::ClassServer::serve(*client, argv[1], argv[2], backhaul::make_callback(std::move(functions)));
  if (!server) return 4;
  told.get_future().wait();
  backhaul::finish_callbacks(std::chrono::seconds(2));  // the answer is with the bus
  return 0;
}
