// SPDX-License-Identifier: Apache-2.0
// credential set and clear, certificate set and clear, header set, clear and show.
#include <backhaul/codes.h>

#include <cstring>

#include "cli/app.h"
#include "cli/secrets.h"

namespace backhaul::cli {
namespace {

Exit set_credentials(App& app) {
  auto job = app.job();  // nobody is asked for the password of one that is not there
  if (!job) return job.error();
  auto credentials = read_credentials(app.arguments());
  if (!credentials) return app.misuse(credentials.error());
  if (credentials->empty()) return app.misuse("whose credentials? Give --login NAME or --negotiate");
  for (const Credentials& one : *credentials)
    if (const auto done = job->set_credentials(one); !done)
      return app.fail("set the credentials of job " + job->id(), done.error());
  return Exit::done;
}

Exit clear_credentials(App& app) {
  auto schemes = named_schemes(app.arguments());
  if (!schemes) return app.misuse(schemes.error());
  if (schemes->empty())
    *schemes = {AuthScheme::basic, AuthScheme::digest, AuthScheme::ntlm, AuthScheme::negotiate, AuthScheme::passport};
  auto job = app.job();
  if (!job) return job.error();
  bool any = false;
  for (const AuthScheme scheme : *schemes) {
    const auto removed = job->remove_credentials(named_target(app.arguments()), scheme);
    if (!removed) return app.fail("clear the credentials of job " + job->id(), removed.error());
    any = any || *removed;
  }
  if (!any) app.remark("backhaul: job " + job->id() + " has no such credentials");
  return Exit::done;
}

Exit set_headers(App& app) {
  auto headers = read_headers(app.arguments());
  if (!headers) return app.misuse(headers.error());
  const bool write_only = app.arguments().has(Opt::write_only);
  if (!*headers && !write_only) return app.misuse("which headers? Give --header 'NAME: VALUE' or --header @FILE");
  auto job = app.job();
  if (!job) return job.error();
  Result<void> done;
  if (*headers) done = job->set_custom_headers(**headers);
  if (done && write_only) done = job->make_custom_headers_write_only();
  if (!done) return app.fail("set the headers of job " + job->id(), done.error());
  return Exit::done;
}

Exit clear_headers(App& app) {
  auto job = app.job();
  if (!job) return job.error();
  if (const auto done = job->set_custom_headers(""); !done)
    return app.fail("clear the headers of job " + job->id(), done.error());
  return Exit::done;
}

Exit show_custom_headers(App& app) {
  auto job = app.job();
  if (!job) return job.error();
  const auto headers = job->custom_headers();
  if (!headers) return app.fail("show the headers of job " + job->id(), headers.error());
  app.print(*headers);
  return Exit::done;
}

Exit set_certificate(App& app) {
  const auto& operands = app.arguments().operands;
  auto certificate = read_certificate(app.arguments(), operands.size() > 1 ? operands[1] : std::string());
  if (!certificate) return app.misuse(certificate.error());
  auto job = app.job();
  if (!job) return job.error();
  const auto done = job->set_client_certificate(*certificate);
  explicit_bzero(certificate->pass_phrase.data(), certificate->pass_phrase.size());
  if (!done) return app.fail("set the certificate of job " + job->id(), done.error());
  return Exit::done;
}

Exit clear_certificate(App& app) {
  auto job = app.job();
  if (!job) return job.error();
  const auto removed = job->remove_client_certificate();
  if (!removed) return app.fail("clear the certificate of job " + job->id(), removed.error());
  if (!*removed) app.remark("backhaul: job " + job->id() + " has no certificate");
  return Exit::done;
}

}  // namespace

Exit run_secrets(App& app) {
  switch (app.arguments().verb) {
    case Verb::credential_set: return set_credentials(app);
    case Verb::credential_clear: return clear_credentials(app);
    case Verb::header_set: return set_headers(app);
    case Verb::header_clear: return clear_headers(app);
    case Verb::certificate_set: return set_certificate(app);
    case Verb::certificate_clear: return clear_certificate(app);
    default: return show_custom_headers(app);
  }
}

}  // namespace backhaul::cli
