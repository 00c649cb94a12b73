// SPDX-License-Identifier: Apache-2.0
// Credentials, headers and the certificate of a job. What a program hands over is copied into what is wiped behind its call.
#include <backhaul/codes.h>
#include <backhaul/job.h>

#include <utility>

#include "bus/utf8.h"
#include "bus/wire.h"
#include "client/access.h"
#include "client/handover.h"
#include "client/job_calls.h"

namespace backhaul {
namespace {

using client::Kind;
using client::make_error;

// The bus could not carry it, and would not say what.
bool is_text(const std::string& value) { return bus::is_valid_utf8(value); }

}  // namespace

bus::NewCertificate client::to_wire(const ClientCertificate& certificate) {
  const auto told = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
  };
  bus::NewCertificate value;
  value.certificate = told(certificate.certificate);
  value.key = told(certificate.key);
  if (!certificate.pass_phrase.empty()) value.pass_phrase = base::Secret(certificate.pass_phrase);
  value.store = told(certificate.store);
  value.hash = told(certificate.hash);
  value.subject = told(certificate.subject);
  const bool stored = value.store || value.hash || value.subject || certificate.location != 0;
  if (stored) value.location = certificate.location;
  return value;
}

Result<void> Job::set_credentials(const Credentials& credentials) {
  if (!is_text(credentials.user) || !is_text(credentials.password))
    return make_error(base::Code::E_INVALIDARG,
                      std::string("the ") + (is_text(credentials.user) ? "password" : "user name") +
                          " holds a NUL or is no UTF-8");
  if (credentials.handed_over && !credentials.implicit) {
    if (record_ == nullptr) return client::no_job();
    const auto set = client::set_credentials_from(
        record_->connection, record_->path,
        {static_cast<std::uint32_t>(credentials.target), static_cast<std::uint32_t>(credentials.scheme),
         base::Secret(credentials.user), base::Secret(credentials.password)});
    if (!set) return client::public_error(*record_, set.error(), true);
    return {};
  }
  bus::CredentialsValue value;
  if (!credentials.implicit) {
    value.user = base::Secret(credentials.user);
    value.password = base::Secret(credentials.password);
  }
  return client::change_job(record_, "SetCredentials", static_cast<std::uint32_t>(credentials.target),
                            static_cast<std::uint32_t>(credentials.scheme), value);
}

Result<bool> Job::remove_credentials(AuthTarget target, AuthScheme scheme) {
  if (record_ == nullptr) return client::no_job();
  auto status =
      client::call_job<std::uint32_t>(*record_, Kind::change, "RemoveCredentials",
                                      static_cast<std::uint32_t>(target), static_cast<std::uint32_t>(scheme));
  if (!status) return client::public_error(*record_, status.error(), true);
  return std::get<0>(*status) == code::s_ok;
}

Result<void> Job::set_custom_headers(const std::string& headers) {
  if (!is_text(headers)) return make_error(base::Code::E_INVALIDARG, "the headers hold a NUL or are no UTF-8");
  return client::change_job(record_, "SetCustomHeaders", base::Secret(headers));
}

Result<std::string> Job::custom_headers() const {
  if (record_ == nullptr) return client::no_job();
  if (client::in_forked_child()) return make_error(base::Code::RPC_E_DISCONNECTED);
  if (record_->final_info()) return std::string();
  auto headers = client::call_job<base::Secret>(*record_, Kind::read, "GetCustomHeaders");
  if (!headers) return client::public_error(*record_, headers.error(), false);
  return std::string(std::get<0>(*headers).reveal());
}

Result<void> Job::make_custom_headers_write_only() {
  return client::change_job(record_, "MakeCustomHeadersWriteOnly");
}

Result<void> Job::set_client_certificate(const ClientCertificate& certificate) {
  return client::change_job(record_, "SetClientCertificate", client::to_wire(certificate));
}

Result<bool> Job::remove_client_certificate() {
  if (record_ == nullptr) return client::no_job();
  auto status = client::call_job<std::uint32_t>(*record_, Kind::change, "RemoveClientCertificate");
  if (!status) return client::public_error(*record_, status.error(), true);
  return std::get<0>(*status) == code::s_ok;
}

}  // namespace backhaul
