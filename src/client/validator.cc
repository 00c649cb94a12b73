// SPDX-License-Identifier: Apache-2.0
// The rows of CertificateValidator1, and the public class behind them.
#include "client/validator.h"

#include <backhaul/codes.h>

#include "bus/names.h"
#include "client/access.h"
#include "client/connection.h"
#include "client/exports.h"

namespace backhaul {

CertificateValidator::CertificateValidator() = default;
CertificateValidator::~CertificateValidator() = default;
void CertificateValidator::released() {}
std::shared_ptr<Executor> CertificateValidator::executor() const { return nullptr; }

namespace {

class FunctionValidator final : public CertificateValidator {
 public:
  using Function = std::function<std::uint32_t(const CertificateQuestion&)>;
  explicit FunctionValidator(Function function) : function_(std::move(function)) {}
  std::uint32_t validate(const CertificateQuestion& question) override {
    return function_ ? function_(question) : code::e_fail;
  }

 private:
  const Function function_;
};

// The program's code. Its exceptions stop here: a refusal.
std::uint32_t invoke(client::ValidatorCallback& validator, const CertificateQuestion& question) {
  try {
    return validator.validate(question);
  } catch (...) {
    return code::e_fail;
  }
}

}  // namespace

std::shared_ptr<CertificateValidator> make_certificate_validator(
    std::function<std::uint32_t(const CertificateQuestion&)> function) {
  return std::make_shared<FunctionValidator>(std::move(function));
}

namespace client {

std::vector<bus::Row<Exports>> Exports::validator_rows() {
  return {bus::method<&Exports::validate>("Validate", "job\0file\0chain\0errors\0result\0"),
          bus::method<&Exports::released>("Released", "")};
}

void Exports::validate(Reply reply, bus::ObjectPath job, bus::ObjectPath file,
                       std::vector<std::vector<std::uint8_t>> chain, std::uint32_t errors) {
  const std::shared_ptr<Registration> registration = called(reply, Role::validator);
  if (registration == nullptr) return;
  const auto id = bus::parse_job_path(job.value);
  const auto file_id = bus::parse_file_path(file.value);
  if (!id || !file_id || chain.empty())
    return reply.fail({base::Code::E_INVALIDARG, "not a job, a file and a chain"});
  CertificateQuestion question;
  question.job = detail::Access::job(connection_.records().get(connection_, *id));
  question.file = file_id->index;
  for (const auto& der : chain) question.chain.emplace_back(der.begin(), der.end());
  question.errors = errors;
  run(std::move(reply), registration,
      [callback = registration->callback, question = std::move(question)] {
        return invoke(static_cast<ValidatorCallback&>(*callback), question);
      });
}

}  // namespace client
}  // namespace backhaul
