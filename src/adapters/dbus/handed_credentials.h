// SPDX-License-Identifier: Apache-2.0
// Credentials whose user and password a client hands over (org.backhaul.Secret1). What comes of them is the same
// command as of those that come as text.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/dbus/handovers.h"
#include "base/result.h"
#include "core/secrets.h"

namespace backhaul::dbus {

struct CredentialsWanted {
  core::AuthTarget target = core::AuthTarget::server;
  core::AuthScheme scheme = core::AuthScheme::basic;
  std::string object;  // of the client
};

class HandedCredentials {
 public:
  using All = std::vector<core::Credentials>;
  using Ready = std::move_only_function<void(base::Result<All>)>;

  explicit HandedCredentials(Handovers& handovers) : handovers_(handovers) {}
  HandedCredentials(const HandedCredentials&) = delete;
  HandedCredentials& operator=(const HandedCredentials&) = delete;

  // Runs `ready` later, or now with an error or where none are wanted. One is asked for after the other, and the first
  // that is not given ends it.
  void ask(const std::string& unique_name, std::vector<CredentialsWanted> wanted, Ready ready) {
    next(unique_name, std::move(wanted), {}, std::move(ready));
  }

  // One for each scheme, for the server and for the proxy.
  static constexpr std::size_t most = 10;

 private:
  void next(const std::string& unique_name, std::vector<CredentialsWanted> wanted, All given, Ready ready);

  Handovers& handovers_;
};

}  // namespace backhaul::dbus
