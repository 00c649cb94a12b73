// SPDX-License-Identifier: Apache-2.0
// Notifier: performs one delivery on one rung of the ladder; core/notify_ladder decides which. The
// answer is always the event DeliveryEnded with the ticket of the request. Loop thread only.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "core/job.h"
#include "core/owner.h"

namespace backhaul::ports {

struct ObjectTarget {
  core::ObjectRegistration object;
};
// Started if it does not run (StartServiceByName under `start_timeout`); for a CLSID name
// CreateInstance is called under the same limit, with NO_AUTO_START; then the callback itself on
// the unique name of the owner, without any limit. The instance is kept for the job and used again
// until its process leaves the bus or release_instance() is called.
struct ClassTarget {
  core::ClassRegistration registration;
  base::Microseconds start_timeout{};
};

// `owner`: on whose session bus the callee is. An object is where it was registered, by whoever did; a class
// is started for the owner of the job, who need not be the same. An adapter that has one bus calls there.
struct Notification {
  base::Ticket ticket{};
  core::Owner owner;
  core::NotifyKind kind = core::NotifyKind::none;
  std::uint64_t sequence = 0;  // 0 for job_modification: it is not remembered
  base::JobId job;
  std::uint32_t file = base::no_file;  // for file_transferred and file_ranges_transferred
  std::vector<core::Extent> ranges{};  // for file_ranges_transferred
  core::ErrorInfo error;               // for job_error
  std::variant<ObjectTarget, ClassTarget> target;
};

// A question about the certificate of an https server, for the object that was registered for it.
struct CertificateQuestion {
  std::uint64_t number = 0;  // never 0, never used twice by one process
  core::Owner owner;         // of the object: whoever registered it
  base::JobId job;
  std::uint32_t file = 0;
  core::ObjectRegistration object;
  std::vector<std::string> chain;  // DER, the server's own first
};

class Notifier {
 public:
  virtual ~Notifier() = default;
  virtual void notify(Notification notification) = 0;
  // The service holds this object no more (replaced, cleared, job over): tell its process.
  virtual void release(const core::ObjectRegistration& object) = 0;
  // Answered by CertificateChecked. No limit of time: the callee may have to ask somebody.
  virtual void check_certificate(CertificateQuestion question) = 0;
  // Likewise for the object that was to be asked about certificates.
  virtual void release_certificate_check(const core::ObjectRegistration& object) = 0;
  // Forget the instance made for this job, if any, and tell its process.
  virtual void release_instance(const base::JobId& job) = 0;
  // After a restart: does the bus of the registration still know its process? Answered later by
  // PeerGone when not; registrations of another bus are void at once (false).
  virtual bool watch(const core::ObjectRegistration& object) = 0;
};

}  // namespace backhaul::ports
