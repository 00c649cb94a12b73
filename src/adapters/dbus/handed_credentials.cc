// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/handed_credentials.h"

#include <utility>

#include "bus/secret_file.h"

namespace backhaul::dbus {

void HandedCredentials::next(const std::string& unique_name, std::vector<CredentialsWanted> wanted, All given,
                             Ready ready) {
  if (given.size() == wanted.size()) return ready(std::move(given));
  const std::string object = wanted[given.size()].object;
  auto one_more = [this, unique_name, wanted = std::move(wanted), given = std::move(given),
                   ready = std::move(ready)](base::Result<bus::FileDescriptor> file) mutable {
    if (!file) return ready(std::move(file).error());
    auto secret = bus::read_secret_file(file->get());
    if (!secret) return ready(std::move(secret).error());
    const CredentialsWanted& of = wanted[given.size()];
    given.push_back({of.target, of.scheme, std::move(secret->user), std::move(secret->password)});
    next(unique_name, std::move(wanted), std::move(given), std::move(ready));
  };
  handovers_.ask(unique_name, object, secret_handover, std::move(one_more));
}

}  // namespace backhaul::dbus
