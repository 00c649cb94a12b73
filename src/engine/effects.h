// SPDX-License-Identifier: Apache-2.0
// What a turn does outside, as values: collected in the draft, performed when the rows are durable,
// forgotten with a commit that fails. The order of the alternatives is the order in which they are
// performed, those of one kind as they came:
//
//   logged
//   announced, replied       who gets the reply to a change has seen it
//   released                 registrations that nobody uses any more
//   parts swept              in front of the opens of the same files
//   transfers stopped, parts closed, forgotten, opened, bandwidth limited, transfers told how they stand,
//   transfers started, told where no redirect leads them any more, whole parts read for their digests
//   published, handed over, discarded
//   cache looked at, copies made, removed
//   neighbours told what is laid down, looked for, offered, withdrawn, coming and came; searches given up, begun;
//   swarms left, joined
//   destinations checked     of commands that wait for it
//   told, asked              programs, once their callers were answered
//   accounts forgotten       of owners whose last job has left
//   accounts watched         of new owners
//   kept awake, let sleep    the machine
//   local time followed      for what goes by the hours
//   leave given              to programs that ask for it, for downloads of their own
//   resubmitted, posted      what the next turn hears
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/sum.h"
#include "base/log.h"
#include "core/account.h"
#include "core/leave.h"
#include "core/swarm.h"
#include "engine/input.h"
#include "ports/cache.h"
#include "ports/files.h"
#include "ports/launcher.h"
#include "ports/neighbourhood.h"
#include "ports/notifier.h"
#include "ports/queue.h"
#include "ports/transport.h"

namespace backhaul::engine {

namespace effect {

struct Log {
  base::LogLevel level = base::LogLevel::notice;
  std::string text;
  std::optional<base::JobId> job;
};
enum class Announcement : std::uint8_t { added, changed, removed };
struct Announce {
  base::JobId job;
  Announcement what = Announcement::changed;
  ports::Properties changed = 0;
};
struct Reply {
  base::CallId call{};
  base::Result<ports::ReplyValue> value;
};
// The change is on record, its reply comes with the end of its intent: whoever asked for it
// may read again.
struct Accept {
  base::CallId call{};
};
struct ReleaseObject {
  core::ObjectRegistration object;
};
struct ReleaseCertificateCheck {
  core::ObjectRegistration object;
};
struct ReleaseInstance {
  base::JobId job;
};
struct Sweep {
  ports::SweepRequest request;
};
struct StopTransfer {
  base::TransferId transfer{};
};
struct ClosePart {
  base::TransferId transfer{};
};
// What was told of it when it was closed is in the rows.
struct ForgetPart {
  base::TransferId transfer{};
};
struct ExpectSize {
  base::TransferId transfer{};
  std::uint64_t size = 0;
};
struct OpenPart {
  ports::OpenPart request;
};
// Every byte is in the part already: only the sync is missing.
struct EndPart {
  base::TransferId transfer{};
};
struct LimitRates {
  core::RateLimits limits;
};
struct SetStanding {
  base::TransferId transfer{};
  core::Standing standing;
};
struct StartTransfer {
  ports::TransferRequest request;
  base::TransferId part{};  // whose sink it fills; none: its own
};
struct HoldOff {
  base::TransferId transfer{};
  std::set<std::string> origins;
};
struct DigestPart {
  base::TransferId transfer{};
  ports::DigestOrder order;
};
struct Publish {
  ports::PublishRequest request;
};
struct HandOver {
  ports::HandOverRequest request;
};
struct Discard {
  ports::DiscardRequest request;
};
struct LookAtCache {
  std::vector<ports::KnownCopy> known;
};
struct MakeCopy {
  ports::CopyOrder order;
};
struct RemoveCopy {
  base::RecordId id;
};
struct ApplyNeighbourRules {
  core::NeighbourRules rules;
  bool serves = false;
};
struct LookForNeighbours {
  bool anew = false;
};
struct LookForCaches {
  bool looks = false;
};
struct OfferRecord {
  core::CacheRecord record;
};
struct WithdrawRecord {
  base::RecordId id;
};
struct TellComing {
  base::TransferId transfer{};
  core::Coming what;
};
struct TellCame {
  base::TransferId transfer{};
};
struct SearchNeighbours {
  base::TransferId transfer{};
  core::Sought sought;
  std::vector<core::Neighbour> whom;
};
struct GiveUpSearch {
  base::TransferId transfer{};
};
struct LeaveSwarm {
  base::TransferId transfer{};
};
struct JoinSwarm {
  base::TransferId transfer{};
  core::Swarmed what;
};
struct CheckDestinations {
  base::CheckId check{};
  ports::Destinations destinations;
};
struct Notify {
  ports::Notification notification;
};
struct RunProgram {
  ports::Launch launch;
};
struct Ask {
  ports::CertificateQuestion question;
};
struct ForgetAccount {
  core::Account account;
};
struct WatchAccount {
  core::Account account;
};
// Of the machine: whether a job that runs holds it awake, and that nothing runs any more.
struct KeepAwake {
  bool awake = false;
};
struct LetSleep {};
// What is laid down goes by the hours of the day from now on, or no longer.
struct FollowLocalTime {
  bool follow = false;
};
struct GiveLeave {
  core::Leave leave;
};
// In front of everything else: commands that waited behind an intent.
struct Resubmit {
  std::vector<ports::Command> commands;
};
struct Post {
  Input input;
};

}  // namespace effect

struct EffectKinds {
  using Variant = std::variant<effect::Log, effect::Announce, effect::Reply, effect::Accept, effect::ReleaseObject,
                 effect::ReleaseCertificateCheck, effect::ReleaseInstance, effect::Sweep,
                 effect::StopTransfer, effect::ClosePart, effect::ForgetPart, effect::ExpectSize, effect::OpenPart,
                 effect::EndPart, effect::LimitRates, effect::SetStanding, effect::StartTransfer, effect::HoldOff,
                 effect::DigestPart, effect::Publish, effect::HandOver, effect::Discard, effect::LookAtCache, effect::MakeCopy,
                 effect::RemoveCopy, effect::ApplyNeighbourRules, effect::LookForNeighbours,
                 effect::LookForCaches, effect::OfferRecord, effect::WithdrawRecord,
                 effect::TellComing, effect::TellCame, effect::GiveUpSearch, effect::SearchNeighbours,
                 effect::LeaveSwarm, effect::JoinSwarm,
                 effect::CheckDestinations, effect::Notify,
                 effect::RunProgram, effect::Ask, effect::ForgetAccount, effect::WatchAccount, effect::KeepAwake, effect::LetSleep,
                 effect::FollowLocalTime, effect::GiveLeave, effect::Resubmit, effect::Post>;
};
using Effect = base::Sum<EffectKinds>;

}  // namespace backhaul::engine

extern template class backhaul::base::Sum<backhaul::engine::EffectKinds>;
