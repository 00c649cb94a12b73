// SPDX-License-Identifier: Apache-2.0
// The client library in one page: a job, a callback that completes it, and what went wrong if
// something did. The job survives this program: start it again with the same job's id to wait on.
//
//   fetch URL /absolute/path      make a job and wait for it
//   fetch ID                      wait for a job made before
#include <backhaul/backhaul.h>

#include <iostream>

namespace {

int complain(const char* what, const backhaul::Error& error) {
  std::cerr << what << ": " << error.message << " (" << error.symbol() << ")\n";
  return 1;
}

// Runs on a thread of the library, and may call anything.
std::uint32_t complete(const backhaul::Notification& event) {
  backhaul::Job job = event.job;
  if (event.kind == backhaul::Notification::Kind::job_transferred) return job.complete().code();
  return backhaul::code::s_ok;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: fetch URL /absolute/path | fetch ID\n";
    return 2;
  }
  const auto client = backhaul::Client::connect();
  if (!client) return complain("the service", client.error());

  auto job = argc == 2 ? client->get_job(argv[1])
                       : client->enqueue(backhaul::JobSettings().name("fetch example"),
                                         {{argv[1], argv[2]}});
  if (!job) return complain("the job", job.error());
  std::cout << job->id() << std::endl;

  const auto registered = job->set_notify_object(backhaul::make_callback(complete));
  if (!registered) return complain("the callback", registered.error());

  // A state that is final ends every wait; ERROR does not end by itself.
  const auto end = job->wait([](const backhaul::JobInfo& now) {
    return now.state() == backhaul::JobState::error;
  });
  if (!end) return complain("waiting", end.error());
  if (end->state() == backhaul::JobState::error) {
    std::cerr << "failed: " << end->error().text << "\n";
    return 1;
  }
  std::cout << to_word(end->state()) << "\n";
  return end->state() == backhaul::JobState::acknowledged ? 0 : 1;
}
