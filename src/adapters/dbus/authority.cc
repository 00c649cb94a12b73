// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/authority.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "adapters/dbus/callee.h"
#include "bus/codec.h"
#include "bus/names.h"
#include "bus/wire.h"

namespace backhaul::dbus {
namespace {

using core::Right;

constexpr base::Microseconds time_of_a_person = std::chrono::minutes(5);
constexpr std::uint32_t allow_user_interaction = 1;

// As data/system/org.backhaul.policy names them.
const char* action_of(Right right) {
  switch (right) {
    case Right::read: return "org.backhaul.jobs.read";
    case Right::manage: return "org.backhaul.jobs.manage";
    case Right::take: return "org.backhaul.jobs.take-ownership";
    case Right::lay_down: return "org.backhaul.policy.reload";
    case Right::peers: return "org.backhaul.peers.manage";
  }
  return "";
}

constexpr std::array<std::string_view, 7> reads{"Get",     "GetAll",             "GetError",       "ListFiles",
                                                "Explain", "GetResponseHeaders", "GetFilledRanges"};
constexpr std::array<std::string_view, 8> owners_alone{
    "SetCredentials",   "SetCredentialsFrom",   "RemoveCredentials",       "SetCustomHeaders",
    "GetCustomHeaders", "SetClientCertificate", "RemoveClientCertificate", "MakeCustomHeadersWriteOnly"};
constexpr std::array<std::string_view, 4> of_nobody{"Introspect", "Ping",          "GetMachineId",
                                                    "GetManagedObjects"};
constexpr std::array<std::string_view, 3> of_everybody{"Get", "GetAll", "Set"};  // that there are no such properties, too

bool is_one_of(const auto& list, std::string_view member) {
  return std::ranges::find(list, member) != list.end();
}

std::optional<Right> right_of_member(std::string_view member) {
  if (is_one_of(owners_alone, member) || is_one_of(of_nobody, member)) return std::nullopt;
  if (is_one_of(reads, member)) return Right::read;
  return member == "TakeOwnership" ? Right::take : Right::manage;
}

// Of the object of what is kept for neighbours.
std::optional<Right> right_of_peers(std::string_view member) {
  if (is_one_of(of_nobody, member) || is_one_of(of_everybody, member)) return std::nullopt;
  return Right::peers;
}

std::optional<base::JobId> job_of_path(const std::string& path) {
  if (auto job = bus::parse_job_path(path)) return job;
  const auto file = bus::parse_file_path(path);
  return file ? std::optional(file->job) : std::nullopt;
}

}  // namespace

bool Authority::is_of_another(const base::JobId& job, std::uint32_t uid) const {
  const auto row = queue_->find(job, ports::Caller{.uid = 0});
  return row && (*row)->owner_uid != uid;
}

// It is looked at more than once.
std::optional<Right> Authority::wanted_of_queue(const bus::Message& call, std::uint32_t uid) const {
  const std::string member = call.member();
  call.rewind();
  if (member == "ReloadPolicy") return Right::lay_down;
  if (member == "ListJobs" && call.signature() == "a{sv}su") {
    const auto arguments = bus::read_body<bus::ListFilter>(call);
    if (arguments && std::get<0>(*arguments).all_users.value_or(false)) return Right::read;
  } else if (member == "GetJob" && call.signature() == "s") {
    const auto arguments = bus::read_body<std::string>(call);
    const auto job = arguments ? base::parse_job_id(std::get<0>(*arguments)) : std::nullopt;
    if (job && is_of_another(*job, uid)) return Right::read;
  }
  return std::nullopt;
}

std::optional<Right> Authority::wanted(const bus::Message& call, const ports::Caller& caller) const {
  if (queue_ == nullptr || caller.uid == 0 || !caller.application.empty()) return std::nullopt;
  const std::string path = call.path();
  if (path == bus::root_path) return wanted_of_queue(call, caller.uid);
  if (path == bus::peers_path) return right_of_peers(call.member());
  const auto job = job_of_path(path);
  if (!job || !is_of_another(*job, caller.uid)) return std::nullopt;
  return right_of_member(call.member());
}

bus::Slot Authority::ask(const bus::Message& call, Right right, std::function<void(bool)> answered) {
  using Details = std::vector<std::pair<std::string, std::string>>;
  using Subject =
      std::tuple<std::string, std::vector<std::pair<std::string, bus::VariantOf<std::string>>>>;
  using Result = std::tuple<bool, bool, Details>;
  const bool interactive = call.allows_interaction();
  const Subject subject{"system-bus-name", {{"name", {call.sender()}}}};
  return bus_.call_async<Result>(
      {"org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
       "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization",
       interactive ? time_of_a_person : bus::usual_limit},
      [this, answered = std::move(answered)](const bus::Outcome<Result>& answer) {
        if (!answer && !std::exchange(missed_, true))
          log_.write(base::LogLevel::notice, "polkit does not say who may do something with the jobs of others (" +
                                                 told(answer.error()) + "); root may");
        answered(answer && std::get<0>(std::get<0>(*answer)));
      },
      subject, std::string(action_of(right)), Details(), interactive ? allow_user_interaction : 0U,
      std::string());
}

}  // namespace backhaul::dbus
