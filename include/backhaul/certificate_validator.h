// SPDX-License-Identifier: Apache-2.0
// CertificateValidator: what a program implements to have the last word on the certificates of the
// https servers of a job. It is asked after the service's own check has passed and before anything
// is sent to the server. It may take its time, even until somebody has been asked: only its job
// waits.
#ifndef BACKHAUL_CERTIFICATE_VALIDATOR_H
#define BACKHAUL_CERTIFICATE_VALIDATOR_H

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backhaul/export.h"
#include "backhaul/job.h"

namespace backhaul {

class Executor;

struct CertificateQuestion {
  Job job;
  std::uint32_t file = no_file;    // index of the one that is being fetched
  std::vector<std::string> chain;  // X.509 in DER; the server's own first, the authority last
  std::uint32_t errors = 0;        // what the service's own check was told to overlook; 0: nothing
};

class BACKHAUL_API CertificateValidator {
 public:
  CertificateValidator();
  CertificateValidator(const CertificateValidator&) = delete;
  CertificateValidator& operator=(const CertificateValidator&) = delete;
  virtual ~CertificateValidator();

  // An HRESULT: S_OK (0) accepts this certificate of this server for this job and is remembered
  // with the job; any other makes the job TRANSIENT_ERROR with that code and is asked again. An
  // exception that leaves it counts as E_FAIL.
  virtual std::uint32_t validate(const CertificateQuestion& question) = 0;
  // As Callback::released() and Callback::executor() (callback.h, threads.h).
  virtual void released();
  virtual std::shared_ptr<Executor> executor() const;
};

BACKHAUL_API std::shared_ptr<CertificateValidator> make_certificate_validator(
    std::function<std::uint32_t(const CertificateQuestion&)> function);

}  // namespace backhaul

#endif
