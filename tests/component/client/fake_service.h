// SPDX-License-Identifier: Apache-2.0
// A service that does what a test of the client library tells it, on a private bus: it answers the
// contract, forgets jobs, refuses, dies in the middle of a call. What the real one does is tested
// with the real one.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "bus/bus.h"
#include "bus/wire.h"
#include "loop/loop.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace backhaul::test {

class PrivateBus {
 public:
  // `rules` are added to a policy that permits everything.
  explicit PrivateBus(std::string rules = {});
  ~PrivateBus() = default;
  std::string address() const { return "unix:path=" + (dir_ / "bus"); }
  void stop() { daemon_->stop(9); }
  void start();

 private:
  TempDir dir_;
  const std::string rules_;
  std::unique_ptr<Process> daemon_;
};

class FakeService {
 public:
  struct FakeJob {
    bus::JobProperties properties;
    std::vector<bus::FileProperties> files;
  };

  explicit FakeService(std::string address);
  ~FakeService();

  void stop();   // leaves the bus, forgets nothing
  void start();  // comes back as another process would: with another unique name

  // The job's row, on the thread of the service.
  void edit(const std::string& id, const std::function<void(FakeJob&)>& change);
  void set_state(const std::string& id, std::uint32_t state);  // and tells
  void forget(const std::string& id);                          // no tombstone either
  void refuse_next(base::Code code);       // the next method of a job fails with it
  void die_in_next();                      // … is never answered: the service leaves the bus
  std::vector<std::string> calls();        // members called so far

  // Calls the registered object, or any other; the result, or the name of the bus error.
  struct Answer {
    std::optional<std::uint32_t> result;
    std::string error;
  };
  std::future<Answer> transferred(const std::string& id, std::uint64_t sequence);
  std::future<Answer> failed(const std::string& id, const bus::ErrorTuple& error);
  std::future<Answer> file_done(const std::string& id, std::uint32_t file);
  std::future<Answer> validate(const std::string& id, std::vector<std::string> chain);
  std::future<Answer> call_at(const std::string& name, const std::string& path,
                              const std::string& id, std::uint64_t sequence);
  void release(const std::string& id);  // Released to the registered object
  void release_at(const std::string& name, const std::string& path);
  // CreateInstance of a class: path and level, or the error.
  base::Result<std::tuple<std::string, std::uint32_t>> create_instance(const std::string& name);
  std::string owner_of(const std::string& name);

  // Rows of the tables.
  base::Result<bus::ObjectPath> create_job(const bus::Message&, std::string name,
                                           std::uint32_t type);
  base::Result<bus::ObjectPath> enqueue(const bus::Message&, bus::NewJob job,
                                        std::vector<bus::NewFile> files, bool start);
  base::Result<bus::ObjectPath> get_job(const bus::Message&, std::string id);
  base::Result<std::tuple<std::vector<bus::ListedJob>, std::string>> list_jobs(
      const bus::Message&, bus::ListFilter filter, std::string cursor, std::uint32_t limit);
  base::Result<void> add_files(const bus::Message&, std::vector<bus::NewFile> files);
  base::Result<void> start_job(const bus::Message&);
  base::Result<void> suspend(const bus::Message&);
  void complete(bus::Reply<std::uint32_t> reply);
  void cancel(bus::Reply<std::uint32_t> reply);
  void set_object(bus::Reply<> reply, bus::ObjectPath path, std::uint32_t level);
  base::Result<void> clear_object(const bus::Message&);
  void set_validator(bus::Reply<> reply, bus::ObjectPath path);
  base::Result<void> clear_validator(const bus::Message&);
  base::Result<void> set_properties(const bus::Message&, bus::JobSettings settings);
  base::Result<std::vector<bus::ListedFile>> list_files(const bus::Message&, std::uint32_t first,
                                                        std::uint32_t limit);

 private:
  void on_loop(std::function<void()> work);
  void leave();
  base::Result<FakeJob*> job_of(const bus::Message& call);
  base::Result<void> state_change(const bus::Message& call, std::uint32_t state);
  void finish(bus::Reply<std::uint32_t> reply, std::uint32_t state);
  bool look_at(const bus::Message& message);
  bus::ObjectPath add(bus::JobProperties properties, const std::vector<bus::NewFile>& files);
  void changed(const FakeJob& job, const std::vector<std::string>& names);
  void release_object(FakeJob& job);
  void release_certificate_check(FakeJob& job);

  const std::string address_;
  loop::Loop loop_;
  loop::Poster poster_;
  std::optional<bus::Bus> bus_;
  std::vector<bus::Slot> slots_;
  std::map<std::string, FakeJob> jobs_;  // by object path
  std::vector<std::string> calls_;
  std::optional<base::Code> refuse_;
  bool die_ = false;
  std::thread thread_;
};

}  // namespace backhaul::test
