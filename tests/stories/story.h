// SPDX-License-Identifier: Apache-2.0
// A story: a small world, what its clients do, and the history of what could be seen as text.
// Nothing takes time but the network: a server answers after one second and sends 1,000 bytes a
// second, so the times in a history can be told by heart.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/neighbours.h"
#include "tests/sim/world.h"

namespace backhaul::stories {

using namespace std::chrono_literals;
using base::Code;
using base::JobId;
using base::JobState;
using ports::JobChange;
using sim::Answer;
using sim::FaultKind;
using sim::Program;

constexpr std::uint64_t eof = core::to_end_of_file;

class Story {
 public:
  explicit Story(engine::Settings settings = {}, sim::Options options = {});
  ~Story();

  sim::World world;
  Program& alice;  // uid 1000
  Program& bob;    // uid 1000, another program
  Program& carol;  // uid 1001
  Program& root;

  // "x" is served as http://host/x and fetched to /d/x.
  sim::RemoteFile& serve(const std::string& name, std::uint64_t size);
  // "x" is served by https servers, redirects first; each has the certificate "a" unless told else.
  sim::RemoteFile& serve_over_tls(const std::string& name, const std::vector<std::string>& servers);
  static core::ServerCertificate certificate(const std::string& server, char digest = 'a') {
    return {server, std::string(64, digest)};
  }
  static std::vector<ports::FileSpec> specs(const std::vector<std::string>& names);

  JobId enqueue(const std::string& job, const std::vector<std::string>& files,
                JobChange properties = {});  // and starts it
  JobId enqueue_files(const std::string& job, std::vector<ports::FileSpec> files,
                      JobChange properties = {});
  JobId enqueue_by(const Program& by, const std::string& job, std::vector<ports::FileSpec> files,
                   JobChange properties = {});
  JobId create(const std::string& job, const std::vector<std::string>& files = {},
               JobChange properties = {});
  void start(const JobId& job) { start(job, alice); }
  void start(const JobId& job, Program& by) { submit("Start", job, by, ports::command::Start{job}); }
  void start_anew(const JobId& job) {
    submit("StartAnew", job, alice, ports::command::Start{job, true});
  }
  void suspend(const JobId& job) { submit("Suspend", job, alice, ports::command::Suspend{job}); }
  void complete(const JobId& job) { complete(job, alice); }
  void complete(const JobId& job, Program& by) {
    submit("Complete", job, by, ports::command::Complete{job});
  }
  void cancel(const JobId& job) { cancel(job, alice); }
  void cancel(const JobId& job, Program& by) {
    submit("Cancel", job, by, ports::command::Cancel{job});
  }
  void add_files(const JobId& job, const std::vector<std::string>& files) {
    submit("AddFiles", job, alice, ports::command::AddFiles{job, specs(files)});
  }
  void change(const JobId& job, JobChange change) { this->change(job, std::move(change), alice); }
  void change(const JobId& job, JobChange change, Program& by) {
    submit("Change", job, by, ports::command::Change{job, std::move(change)});
  }
  void set_remote_name(const JobId& job, std::uint32_t file, const std::string& remote) {
    submit("SetRemoteName", job, alice, ports::command::SetRemoteName{job, file, remote});
  }
  void replace_remote_prefix(const JobId& job, const std::string& from, const std::string& to) {
    submit("ReplaceRemotePrefix", job, alice, ports::command::ReplaceRemotePrefix{job, from, to});
  }
  void set_object(const JobId& job, Program& by, const std::string& path = "/o");
  void set_certificate_check(const JobId& job, Program& by);
  void clear_certificate_check(const JobId& job) {
    submit("ClearValidator", job, alice, ports::command::SetCertificateCheck{job, std::nullopt});
  }
  void clear_object(const JobId& job, Program& by) {
    submit("ClearObject", job, by, ports::command::ClearObject{job});
  }
  void set_class(const JobId& job, const std::string& name);
  Program& another_program(const std::string& label, std::uint32_t uid = 1000) {
    return world.bus.connect(label, uid);
  }

  void run(base::Microseconds time) { world.run_for(time); }
  // The service dies and starts again at once.
  void crash();
  void lose_power();

  // What happened since this was asked last: a line each, and a line break in front, for raw
  // strings.
  std::string told();
  // Only the lines with this word in them.
  std::string told_of(const std::string& word);
  void forget() { world.stage.forget_history(); }

  std::string reply_to_last() const;
  std::optional<std::uint32_t> count_replied() const;
  const core::Job& row(const JobId& job);
  const core::File& file(const JobId& job, std::uint32_t index);
  // Of its first file, who sent how much.
  std::uint64_t by_neighbours(const JobId& job) { return core::octets_from_neighbours(file(job, 0)); }
  std::uint64_t by_origin(const JobId& job) { return core::octets_from_origin(file(job, 0)); }
  std::string waiting(const JobId& job);
  bool has_file(const std::string& name) { return world.disk.find("/d/" + name) != nullptr; }
  std::size_t files_on_disk() { return world.disk.names().size(); }

 private:
  void submit(const std::string& what, const JobId& job, Program& by, ports::CommandBody body);
  static JobChange named(const std::string& job, JobChange properties);

  base::CallId last_call_{};
};

}  // namespace backhaul::stories
