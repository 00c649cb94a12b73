// SPDX-License-Identifier: Apache-2.0
// A certificate validator as an exported object: it comes, runs and goes like a callback.
#pragma once

#include <backhaul/callback.h>
#include <backhaul/certificate_validator.h>

#include <cstdint>
#include <memory>
#include <utility>

namespace backhaul::client {

class ValidatorCallback final : public Callback {
 public:
  explicit ValidatorCallback(std::shared_ptr<CertificateValidator> validator)
      : validator_(std::move(validator)) {}

  std::uint32_t validate(const CertificateQuestion& question) {
    return validator_->validate(question);
  }
  void released() override { validator_->released(); }
  std::shared_ptr<Executor> executor() const override { return validator_->executor(); }

 private:
  const std::shared_ptr<CertificateValidator> validator_;
};

}  // namespace backhaul::client
