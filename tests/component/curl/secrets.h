// SPDX-License-Identifier: Apache-2.0
// A request with secrets, sealed as the engine seals them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/component/curl/fixture.h"

namespace backhaul::test {

struct Entrusted {
  std::vector<core::Credentials> credentials{};
  std::string headers{};
  bool write_only = false;
};

inline core::Credentials login(core::AuthScheme scheme, const std::string& user, const std::string& password,
                               core::AuthTarget target = core::AuthTarget::server) {
  return {.target = target, .scheme = scheme, .user = base::Secret(user), .password = base::Secret(password)};
}
inline core::Credentials ticket(core::AuthScheme scheme, core::AuthTarget target = core::AuthTarget::server) {
  return {.target = target, .scheme = scheme, .user = {}, .password = {}};
}

inline ports::TransferRequest request_with(ports::Sealer& sealer, const std::string& url,
                                           const Entrusted& entrusted) {
  core::SecretsOfJob secrets;
  secrets.job.bytes[0] = 7;
  for (const core::Credentials& one : entrusted.credentials) {
    const core::SecretSlot slot = core::slot_of(one.target, one.scheme);
    secrets.set.put({slot, one.implicit(), {}});
    if (!one.implicit()) secrets.sealed[slot] = sealer.seal({secrets.job, slot}, core::joined(one)).value();
  }
  if (!entrusted.headers.empty()) {
    const core::SecretSlot slot = core::SecretSlot::headers;
    secrets.set.put({slot, false, {}});
    secrets.sealed[slot] = sealer.seal({secrets.job, slot}, base::Secret(entrusted.headers)).value();
  }
  if (entrusted.write_only) secrets.set.make_headers_write_only();
  ports::TransferRequest request{.source = {.address = url}};
  request.secrets = std::move(secrets);
  return request;
}

}  // namespace backhaul::test
