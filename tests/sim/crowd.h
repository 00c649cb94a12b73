// SPDX-License-Identifier: Apache-2.0
// The clients of a swarm run: programs that come and go, enqueue, and do anything to any job,
// sensible or not; and readers who hold what they read against what they were told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/ledger.h"
#include "tests/sim/world.h"

namespace backhaul::sim {

struct CrowdOptions {
  std::uint32_t users = 1;
  std::uint32_t programs_per_user = 2;
  std::uint32_t jobs = 10;          // enqueued in all
  std::uint32_t files_per_job = 4;  // at most
  std::uint64_t file_size = 5000;   // at most
  std::uint32_t urls = 8;
  unsigned hostile = 100;           // per mille of the commands
  unsigned endings = 100;           // per mille of the commands: Complete and Cancel
  unsigned classes = 300;           // per mille of the jobs have a class
  unsigned commands = 150;          // per mille of the changes set a command line
  unsigned storms = 0;              // per mille of the commands: registrations by everybody at once
  unsigned impatient = 300;         // per mille of the jobs give up early
  unsigned ranged = 0;              // per mille of the files: only ranges of them are wanted
  unsigned addresses = 0;           // per mille of the files have mirrors and digests; 0: none move either
  unsigned at_random = 0;           // per mille of the commands: files are read at random
  unsigned needed = 0;              // per mille of the changes: it is needed by some moment
  unsigned high_performance = 0;    // per mille of the jobs have their files under their names at once
  unsigned neighbours = 0;          // per mille of the jobs take files from neighbours, and are kept for them
  unsigned validators = 0;          // per mille of the jobs look at certificates; 0: all is http
};

class Crowd {
 public:
  Crowd(World& world, Ledger& ledger, CrowdOptions options);

  void act();             // somebody does something
  void enqueue();
  void lose_a_program();  // somebody dies, somebody else comes
  void come_back();       // whoever lost the bus is on it again
  void settle();          // all programs are friendly, all classes installed
  void end_everything();  // the owners repair, complete or cancel what is left
  std::uint32_t enqueued() const { return enqueued_; }

 private:
  Program& somebody();
  Program& owner_program(std::uint32_t uid);
  base::JobId some_job();
  ports::JobChange some_change();
  std::vector<ports::FileSpec> some_files();
  std::vector<core::WantedRange> some_ranges(std::uint64_t size);
  void command(Program& by, const base::JobId& job);
  void set_certificate_check(Program& by, const base::JobId& job);
  void read_at_random(Program& by, const base::JobId& job);
  void serve_over_tls();
  void serve_mirrors();
  void spoil(RemoteFile& file);
  bool is_of_the_past(const core::File& file) const;
  bool nobody_has(const core::Job& job) const;
  void move(Program& by, const base::JobId& job);
  void set_object(Program& by, const base::JobId& job);
  void series(Program& by, const base::JobId& job);
  void storm(const base::JobId& job);
  void nonsense(Program& by, const base::JobId& job);
  void read(Program& by);
  void check_waiting(const core::Waiting& waiting);
  void repair(Program& owner, const base::JobId& job);
  bool fetch_what_was_deleted(Program& owner, const base::JobId& job);
  void submit(const std::string& what, Program& by, ports::CommandBody body);
  std::string unique_local();

  World& world_;
  base::Prng& prng_;
  Ledger& ledger_;
  CrowdOptions options_;
  std::vector<Program*> programs_;
  std::uint32_t enqueued_ = 0;
  std::uint32_t locals_ = 0;
};

}  // namespace backhaul::sim
