// SPDX-License-Identifier: Apache-2.0
// The program's IBackgroundCopyServerCertificateValidationCallback as the client library wants it:
// held, called and let go like a notification callback (callback_adapter.h).
#ifndef SRC_BITS_VALIDATOR_ADAPTER_H
#define SRC_BITS_VALIDATOR_ADAPTER_H

#include <cstdint>
#include <memory>
#include <mutex>

#include "backhaul/certificate_validator.h"
#include "bits/object.h"
#include "bits/sta.h"

namespace backhaul::bits {

class ValidatorAdapter final : public CertificateValidator, public Tenant {
 public:
  using Program = IBackgroundCopyServerCertificateValidationCallback;

  static std::shared_ptr<ValidatorAdapter> make(IUnknown* object);  // NULL: it is none

  std::uint32_t validate(const CertificateQuestion& question) override;
  void released() override;
  std::shared_ptr<Executor> executor() const override { return home_; }

  // Drops the program's reference here and now; calls fail from now on.
  void disconnect() override;

  explicit ValidatorAdapter(Ref<Program> program);
  ~ValidatorAdapter() override;

 private:
  const std::shared_ptr<Sta> home_;  // empty: the multithreaded apartment
  mutable std::mutex mutex_;
  Ref<Program> program_;  // under the lock
};

}  // namespace backhaul::bits

#endif
