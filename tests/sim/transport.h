// SPDX-License-Identifier: Apache-2.0
// Transport over the simulated servers. It decides nothing: like the real one it makes the requests of a
// core::Conversation and does with the bodies what that says (ports/transport.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/job_meters.h"
#include "ports/transport.h"
#include "tests/sim/files.h"
#include "tests/sim/neighbours.h"
#include "tests/sim/origin.h"
#include "tests/sim/site_sources.h"
#include "tests/sim/small_ports.h"
#include "tests/sim/stage.h"

namespace backhaul::sim {

class SimTransport final : public ports::Transport {
 public:
  SimTransport(Stage& stage, Origin& origin, SimNeighbourhood& neighbours, SimSite& site, SimEnvironment& environment,
               SimSealer& sealer);

  void start(ports::TransferRequest request, ports::Sink& sink) override;
  void stop(base::TransferId transfer) override;
  void hold_off(base::TransferId transfer, std::set<std::string> origins) override;
  void limit(const core::RateLimits& limits) override;
  void set_standing(base::TransferId transfer, core::Standing standing) override;
  core::Reading reading(const base::JobId& job) const override {
    return {.rate = meters_.rate(job, now()), .impact = {}};
  }

  // Connections that use the network break.
  void network_lost();
  void service_died() {
    active_.clear();
    limiter_ = {};
    meters_ = {};
    granting_ = base::never;
    ever_.clear();  // numbers of one process
    memory_ = {};
  }
  struct Request {
    PartKey part;
    base::TransferId transfer{};
    std::string server;  // that it was sent to at first
  };
  std::vector<Request> under_way() const;
  // A request is sent to this server: may it?
  std::function<void(const base::JobId&, const core::ServerCertificate&)> on_request;
  std::uint64_t requests() const { return requests_; }

 private:
  struct Active {
    ports::TransferRequest request;
    SimSink* sink = nullptr;
    RemoteFile* file = nullptr;
    std::unique_ptr<core::Conversation> talk;
    Version version;
    Fault fault;
    std::uint32_t epoch = 0;
    std::uint32_t next_epoch = 0;
    core::Body body;
    bool settled = true;     // what was to be compared has been
    std::uint64_t at = 0;    // next byte of the version
    std::uint64_t until = 0;  // where the answer ends in it
    bool too_long = false;  // more would come behind that
    std::vector<core::ContentRange> parts{};  // of a body in parts, that come behind this one, the next one last
    std::uint64_t place = 0;  // of that, in the part
    std::uint64_t sent = 0;  // of the body
    bool held = false;       // by the bandwidth: grant() goes on with it
  };
  using Step = void (SimTransport::*)(Active&);

  void later(base::TransferId transfer, Microseconds delay, Step step);
  void connect(Active& active);
  void meet_servers(Active& active);
  void send(Active& active);
  void receive_head(Active& active);
  void begin_body(Active& active);
  void begin_parts(Active& active);
  void next_part(Active& active);
  void announce(Active& active);
  bool settle(Active& active);
  bool is_let_in(const Active& active);
  void request_ended(Active& active, const std::optional<base::Error>& broken);
  void deliver(Active& active);
  void schedule_delivery(Active& active);
  std::uint64_t granted(Active& active, std::uint64_t piece);
  void grant_later();
  void grant();
  base::BootTime now() const { return base::BootTime(stage_.timeline.now()); }
  void give_up(Active& active);
  void lose(Active& active);
  void end(Active& active, core::Ending ending);
  void deny(Active& active, core::Extent piece);
  static std::optional<core::Extent> wrong_piece(const Active& active, std::uint64_t last);
  void check_place(const ports::TransferRequest& request, const SimSink& sink);
  Fault draw_fault(RemoteFile& file);
  RemoteFile* find(const core::Source& source);
  static std::uint32_t sent_version(const Active& active, std::uint64_t at);
  static core::Sample compare(const Active& active);

  Stage& stage_;
  Origin& origin_;
  SimNeighbourhood& neighbours_;
  SimSite& site_;
  SimEnvironment& environment_;
  SimSealer& sealer_;
  core::OriginMemory memory_;
  core::RateLimiter limiter_;
  core::JobMeters meters_;
  base::BootTime granting_ = base::never;  // when grant() is going to be called
  std::map<base::TransferId, Active> active_;
  std::set<base::TransferId> ever_;
  std::uint64_t requests_ = 0;
};

}  // namespace backhaul::sim
