// SPDX-License-Identifier: Apache-2.0
// Credentials, headers and the certificate of a job, as they come over the bus. Nothing gives credentials back.
#include <string>
#include <utility>

#include "adapters/dbus/handed_credentials.h"
#include "adapters/dbus/job_calls.h"
#include "adapters/dbus/jobs.h"
#include "adapters/dbus/values.h"

namespace backhaul::dbus {
namespace {

base::Result<core::Credentials> credentials_of(std::uint32_t target, std::uint32_t scheme,
                                               bus::CredentialsValue& value) {
  core::Credentials credentials;
  BH_TRY(credentials.target, core::auth_target(target));
  BH_TRY(credentials.scheme, core::auth_scheme(scheme));
  BH_CHECK(check_keys(value.rejected));
  credentials.user = std::move(value.user);
  credentials.password = std::move(value.password);
  return credentials;
}

}  // namespace

void Jobs::set_credentials(Done reply, std::uint32_t target, std::uint32_t scheme,
                           bus::CredentialsValue value) {
  auto credentials = credentials_of(target, scheme, value);
  if (!credentials) return reply.fail(credentials.error());
  ports::SecretsChange change;
  change.credentials.push_back(*std::move(credentials));
  command(service_, std::move(reply), ports::command::SetSecrets{{}, std::move(change)});
}

void Jobs::set_credentials_from(Done reply, std::uint32_t target, std::uint32_t scheme, bus::ObjectPath secret) {
  auto wanted = credentials_wanted({{target, scheme, std::move(secret)}});
  if (!wanted) return reply.fail(wanted.error());
  const base::JobId job = job_of(reply.call());
  as_caller(service_, std::move(reply), [this, job, wanted = *std::move(wanted)](Done known,
                                                                                 const ports::Caller& caller) mutable {
    const std::string sender = known.call().sender();
    auto given = [this, job, caller, known = std::move(known)](base::Result<HandedCredentials::All> all) mutable {
      if (!all) return known.fail(all.error());
      ports::SecretsChange change;
      change.credentials = *std::move(all);
      submit(service_, std::move(known), caller, ports::command::SetSecrets{job, std::move(change)});
    };
    service_.credentials.ask(sender, std::move(wanted), std::move(given));
  });
}

void Jobs::remove_credentials(Status reply, std::uint32_t target, std::uint32_t scheme) {
  const auto of = core::auth_target(target);
  if (!of) return reply.fail(of.error());
  const auto by = core::auth_scheme(scheme);
  if (!by) return reply.fail(by.error());
  command(service_, std::move(reply), ports::command::RemoveCredentials{{}, *of, *by});
}

void Jobs::set_custom_headers(Done reply, base::Secret headers) {
  ports::SecretsChange change;
  change.custom_headers = std::move(headers);
  command(service_, std::move(reply), ports::command::SetSecrets{{}, std::move(change)});
}

void Jobs::make_custom_headers_write_only(Done reply) {
  ports::SecretsChange change;
  change.headers_write_only = true;
  command(service_, std::move(reply), ports::command::SetSecrets{{}, std::move(change)});
}

void Jobs::set_client_certificate(Done reply, bus::NewCertificate value) {
  auto wanted = certificate_wanted(value);
  if (!wanted) return reply.fail(wanted.error());
  ports::SecretsChange change;
  change.certificate = *std::move(wanted);
  command(service_, std::move(reply), ports::command::SetSecrets{{}, std::move(change)});
}

void Jobs::remove_client_certificate(Status reply) {
  command(service_, std::move(reply), ports::command::RemoveCertificate{});
}

void Jobs::get_custom_headers(bus::Reply<base::Secret> reply) {
  const base::JobId id = job_of(reply.call());
  as_reader(service_, std::move(reply),
            [this, id](bus::Reply<base::Secret> known, const ports::Caller& caller) {
              auto job = service_.queue.find(id, caller);
              if (!job) return known.fail(job.error());
              auto headers = service_.queue.custom_headers(**job, caller);
              if (!headers) return known.fail(headers.error());
              known.send(headers->value_or(base::Secret()));
            });
}

}  // namespace backhaul::dbus
