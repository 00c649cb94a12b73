// SPDX-License-Identifier: Apache-2.0
// Who asks, as one transfer may show it: opens what is sealed for the moment in which libcurl is told, and
// knows which schemes this libcurl speaks.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "core/conversation.h"
#include "core/login.h"
#include "core/rare.h"
#include "ports/sealer.h"

namespace backhaul::curl {

using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
void append(HeaderList& list, const char* line);

class Identity {
 public:
  using Secrets = core::Rare<core::SecretsOfJob>;

  // Whether everything can be opened: nothing is asked without what was meant to go along.
  static base::Result<void> check(ports::Sealer& sealer, const Secrets& secrets);
  // `secrets` were checked, and must stay.
  Identity(ports::Sealer& sealer, const Secrets& secrets) : sealer_(sealer), secrets_(secrets) {}
  Identity(const Identity&) = delete;
  ~Identity() { sent(); }

  // A request that showed it is out: libcurl and what it calls may have left characters on the stack.
  void sent() const {
    if (secrets_) base::stack_holds_secrets = true;
  }

  core::Logins logins() const;
  // An address of the job, with the user that is kept for it.
  std::string revealed(const std::string& address) const;
  // Null: the job has none.
  const core::ClientCertificate* certificate() const { return secrets_ ? secrets_->set.certificate() : nullptr; }
  // Of the certificate; empty where it has none.
  base::Secret pass_phrase() const;
  // Empty ones stand for the owner's ticket.
  core::NameAndPassword credentials(core::AuthTarget target, core::AuthScheme scheme) const;
  // Appends the custom headers that go to the server of this request. True: they choose a coding.
  bool add_headers(const core::Ask& ask, HeaderList& list) const;
  // Basic is a header: libcurl, told the password, would keep it as long as the connection.
  void add_basic(core::AuthTarget target, HeaderList& list) const;

 private:
  base::Secret open(core::SecretSlot slot) const;

  ports::Sealer& sealer_;
  const Secrets& secrets_;
};

// What this libcurl can speak. Newer ones are built without NTLM: asked for it with others they take one
// of those, and a password that was meant for NTLM would go over the wire as it is.
core::Schemes able_schemes();
unsigned long curl_scheme(core::AuthScheme scheme);  // CURLAUTH_…
core::Schemes schemes_of(long curl_schemes);

}  // namespace backhaul::curl
