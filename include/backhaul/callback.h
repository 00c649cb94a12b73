// SPDX-License-Identifier: Apache-2.0
// Callback: what a program implements to be told about a job. Its methods run on the library's own
// threads, several at once, never on the thread that talks to the bus: calling anything of the
// library inside them works, Job::complete() in job_transferred() being the usual case. At most
// four notifications of a user run at a time, so a callback should return quickly.
#ifndef BACKHAUL_CALLBACK_H
#define BACKHAUL_CALLBACK_H

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "backhaul/export.h"
#include "backhaul/job.h"
#include "backhaul/types.h"

namespace backhaul {

class Executor;

struct Notification {
  enum class Kind : std::uint32_t {
    job_transferred = 1,
    job_error = 2,
    job_modification = 3,
    file_transferred = 4,
    file_ranges_transferred = 5
  };
  Kind kind = Kind::job_transferred;
  std::uint64_t sequence = 0;    // a repeated delivery of one event has the same number
  Job job;
  std::uint32_t file = no_file;  // index, for file_transferred and file_ranges_transferred
  std::vector<FileRange> ranges;  // what arrived since the last call, for file_ranges_transferred
  ErrorInfo error;               // as it was when the job failed, for job_error
};

// The results are HRESULTs. job_transferred and job_error are acknowledged by S_OK (0) only, a
// file_transferred by any non-negative code; otherwise the event is delivered again later.
// job_modification and file_ranges_transferred are not repeated. An exception that leaves a method counts as E_FAIL.
class BACKHAUL_API Callback {
 public:
  Callback();
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;
  virtual ~Callback();

  // How many of BITS's three callback interfaces it answers. 1: job events, 2: file events too, 3: and
  // ranges.
  virtual std::uint32_t level() const;
  virtual std::uint32_t job_transferred(const Notification& event);
  virtual std::uint32_t job_error(const Notification& event);
  virtual std::uint32_t job_modification(const Notification& event);
  virtual std::uint32_t file_transferred(const Notification& event);
  virtual std::uint32_t file_ranges_transferred(const Notification& event);
  // The service holds this object no more: replaced, cleared, the job is over, or the bus ended.
  // Called once for every registration that succeeded and every instance handed to the service,
  // on a library thread, after the last of its calls has returned; then the library drops its
  // reference.
  virtual void released();
  // Where the methods run, released() and the end of the library's reference too (threads.h). Null:
  // on threads of the library. Asked before every call, on the thread that talks to the bus.
  virtual std::shared_ptr<Executor> executor() const;
};

// A callback out of functions; what is not set answers S_OK.
struct CallbackFunctions {
  using Function = std::function<std::uint32_t(const Notification&)>;
  Function job_transferred;
  Function job_error;
  Function job_modification;
  Function file_transferred;
  Function file_ranges_transferred;
  std::function<void()> released;
};
BACKHAUL_API std::shared_ptr<Callback> make_callback(CallbackFunctions functions);
// One function for every kind of event; level 3.
BACKHAUL_API std::shared_ptr<Callback> make_callback(CallbackFunctions::Function function);

}  // namespace backhaul

#endif
