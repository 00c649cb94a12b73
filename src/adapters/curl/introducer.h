// SPDX-License-Identifier: Apache-2.0
// ports::Introducer over connections of its own: one request, to whose answer nobody is trusted that did not prove it
// has the secret of the group (docs/neighbours.md).
#pragma once

#include <curl/curl.h>

#include <memory>
#include <unordered_map>

#include "adapters/curl/client_certificate.h"
#include "adapters/curl/multi.h"
#include "adapters/curl/settings.h"
#include "base/result.h"
#include "loop/loop.h"
#include "ports/introducer.h"

namespace backhaul::curl {

class Introducer final : public ports::Introducer {
 public:
  Introducer(loop::Loop& loop, NeighbourSettings settings);
  ~Introducer() override;

  void introduce(core::Neighbour whom, Prove prove, Told told) override;

 private:
  struct Meeting;
  using Certificate = base::Result<std::shared_ptr<const ClientCertificate>>;

  void begin(std::unique_ptr<Meeting> meeting, Certificate certificate);
  void ended(CURL* handle, CURLcode result);

  const NeighbourSettings settings_;
  Multi multi_;  // stands while there is any handle, also one that the worker has
  loop::Worker certificate_reader_;
  std::unordered_map<CURL*, std::unique_ptr<Meeting>> under_way_;
};

}  // namespace backhaul::curl
