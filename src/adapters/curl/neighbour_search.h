// SPDX-License-Identifier: Apache-2.0
// Asks neighbours for one object, all at once, over connections of their own (docs/neighbours.md). What they say is
// read within bounds of time and size; whoever is late, is somebody else than it should be, or answers something
// else, has not answered.
#pragma once

#include <curl/curl.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/curl/client_certificate.h"
#include "adapters/curl/multi.h"
#include "adapters/curl/settings.h"
#include "base/result.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/neighbourhood.h"

namespace backhaul::curl {

class NeighbourSearch final : public ports::NeighbourSearch {
 public:
  NeighbourSearch(loop::Loop& loop, ports::Inbox& inbox, NeighbourSettings settings);
  ~NeighbourSearch() override;

  void apply(const core::NeighbourRules& rules) override;
  void search(base::TransferId transfer, core::Sought sought, std::vector<core::Neighbour> whom) override;
  void give_up(base::TransferId transfer) override;

 private:
  struct Search;
  struct Question;
  using Certificate = base::Result<std::shared_ptr<const ClientCertificate>>;

  void ask(base::TransferId transfer, Certificate certificate);
  void ended(CURL* handle, CURLcode result);
  void tell(base::TransferId transfer);

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  const NeighbourSettings settings_;
  std::string authority_;
  loop::Worker certificate_reader_;
  Multi multi_;
  std::map<base::TransferId, std::unique_ptr<Search>> searches_;
};

}  // namespace backhaul::curl
