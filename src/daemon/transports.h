// SPDX-License-Identifier: Apache-2.0
// Which transport an address is for: files of this machine have one, everything else is HTTP.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "core/local_address.h"
#include "ports/transport.h"

namespace backhaul::daemon {

class Transports final : public ports::Transport {
 public:
  Transports(ports::Transport& http, ports::Transport& local) : http_(http), local_(local) {}

  void start(ports::TransferRequest request, ports::Sink& sink) override {
    ports::Transport& chosen = core::is_local_address(request.source.address) ? local_ : http_;
    chosen.start(std::move(request), sink);
  }
  // Unknown numbers are ignored.
  void stop(base::TransferId transfer) override {
    http_.stop(transfer);
    local_.stop(transfer);
  }
  void hold_off(base::TransferId transfer, std::set<std::string> origins) override {
    http_.hold_off(transfer, std::move(origins));  // files of this machine lead nowhere else
  }
  void limit(const core::RateLimits& limits) override {
    http_.limit(limits);
    local_.limit(limits);
  }
  void set_standing(base::TransferId transfer, core::Standing standing) override {
    http_.set_standing(transfer, standing);
    local_.set_standing(transfer, standing);
  }
  core::Reading reading(const base::JobId& job) const override {
    core::Reading reading = http_.reading(job);
    reading.rate += local_.reading(job).rate;
    return reading;
  }
  std::uint64_t octets_of_neighbours() const override { return http_.octets_of_neighbours(); }

 private:
  ports::Transport& http_;
  ports::Transport& local_;
};

}  // namespace backhaul::daemon
