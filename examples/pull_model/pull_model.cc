// SPDX-License-Identifier: Apache-2.0
// pull_model URL FOLDER NAME=SHA256... hands the files of a model over and ends; $HUB_TOKEN is what the hub
// wants to see. The bus starts it again when all are here and agree. Given once more, a pull that failed
// goes on with what it has. No kill, expired link, full disk or other network costs more than time.
#include <backhaul/backhaul.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>
#include <mutex>
#include <string>
#include <vector>

namespace {

constexpr const char* bus_name = "org.example.PullModel";
constexpr const char* object_path = "/org/example/PullModel";

int complain(const char* what, const backhaul::Error& error) {
  std::cerr << what << ": " << error.message << " (" << error.symbol() << ")\n";
  return 1;
}

std::promise<void> heard;

// Runs on a thread of the library. What fails is told again later.
std::uint32_t told(const backhaul::Notification& event) {
  static std::once_flag once;
  std::call_once(once, [] { heard.set_value(); });
  backhaul::Job job = event.job;
  if (event.kind == backhaul::Notification::Kind::job_transferred)
    return job.complete().code();  // every file at once, and none before all are right
  if (event.kind == backhaul::Notification::Kind::job_error)
    std::cerr << job.id() << " needs somebody: " << event.error.text << "\n";  // it keeps what it has
  return backhaul::code::s_ok;
}

int hand_over(const backhaul::Client& client, const std::string& url, const std::string& folder,
              const std::vector<std::string>& files) {
  const auto program = std::filesystem::canonical("/proc/self/exe").string();
  const auto registered = client.register_class(bus_name, {program});
  if (!registered) return complain("the class", registered.error());
  const std::string job_name = "model " + folder;
  backhaul::JobFilter models;
  models.name_glob = "model *";  // a pattern, which the folder is none of
  const auto known = client.list(models);
  if (!known) return complain("the queue", known.error());
  for (const backhaul::JobInfo& one : *known) {
    if (one.name() != job_name) continue;  // else from last time: in error, or under way
    const auto started = client.job(one).start();
    return started ? 0 : complain("the job", started.error());
  }
  backhaul::JobSettings settings;
  settings.name(job_name).minimum_retry_delay(std::chrono::seconds(5));
  settings.notify_service({bus_name, object_path});
  if (const char* token = std::getenv("HUB_TOKEN"))  // for the hub alone: where it redirects to never sees it
    settings.custom_headers("Authorization: Bearer " + std::string(token) + "\r\n");
  std::vector<backhaul::FileSpec> wanted;
  for (const std::string& file : files) {
    const std::string name = file.substr(0, file.find('='));
    wanted.emplace_back(url + "/" + name, folder + "/" + name);
    wanted.back().digests = {"sha256:" + file.substr(file.find('=') + 1)};
  }
  const auto job = client.enqueue(settings, wanted);
  return job ? 0 : complain("the job", job.error());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 || argc == 3) {  // without any words it was the bus that started it
    std::cerr << "usage: pull_model URL FOLDER NAME=SHA256...\n";
    return 1;
  }
  const auto client = backhaul::Client::connect();
  if (!client) return complain("the service", client.error());
  if (argc > 3)
    return hand_over(*client, argv[1], std::filesystem::absolute(argv[2]).string(), {argv + 3, argv + argc});
  const auto server =
      backhaul::ClassServer::serve(*client, bus_name, object_path, backhaul::make_callback(told));
  if (!server) return complain("the bus name", server.error());
  heard.get_future().wait();
  backhaul::finish_callbacks(std::chrono::seconds(2));  // the answer is with the bus
  return 0;
}
