// SPDX-License-Identifier: Apache-2.0
#include "core/scavenger.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;
using base::BootTime;
using base::Microseconds;

constexpr Microseconds least_target = 1ms;
// A cut leaves a little less than the target, so that the queue does not stand above it.
constexpr double left_after_cut = 0.8;
constexpr double growth = 0.12;
// The line may have become wider than is known: this much at first, and twice as much in each round in which
// there is room still.
constexpr double slow_growth = 0.01;
// How much of the room below the target is filled in a round.
constexpr double approach = 0.3;
// How far the window may be above what arrives: more would be felt when the sender is no longer held up, less
// would hold up a sender that recovers from a loss.
constexpr double headroom = 2.5;
// Of the known capacity: below that somebody else has the rest.
constexpr double deficit = 0.75;         // in two rounds
constexpr double lasting_deficit = 0.9;  // in several
// Of the known capacity, and in octets a second: others below that are the murmur of any machine.
constexpr double murmur = 0.04;
constexpr double least_murmur = 16'000;
constexpr Microseconds others_window = 50ms;
constexpr Microseconds others_hold = 400ms;
// A capacity that is not met is forgotten within about this time.
constexpr double belief_seconds = 60;
constexpr Microseconds bucket_time = 15s;
constexpr Microseconds drain_after = 15s;
constexpr double first_segments = 10;
// How many times its median noise may reach.
constexpr double noise_margin = 4.5;
// The clock of the receiver and what the control does itself.
constexpr Microseconds own_noise = 1ms;
constexpr double noise_kept = 0.95;
constexpr std::size_t bends_enough = 8;
constexpr Microseconds noise_spacing = 40ms;
// Of a bend, so much may be put down to cuts of our own: on a path that trembles there are cuts all the time.
constexpr double bent_by_us = 0.5;
// Whoever has come back just now looks at each round alone: the line may be taken still.
constexpr Microseconds wary_after_resuming = 500ms;
// Of the target: from there on there is a queue, though it may be ours.
constexpr double queued = 0.6;

double seconds(Microseconds time) { return static_cast<double>(time.count()) / 1e6; }
Microseconds scaled(Microseconds time, double by) {
  return Microseconds(static_cast<std::int64_t>(static_cast<double>(time.count()) * by));
}

}  // namespace

Scavenger::Scavenger(const PathMemory& memory, const Options& options)
    : options_(options),
      window_(first_segments * options.segment),
      capacity_(memory.capacity),
      shallow_(options.target) {
  bases_.fill(Microseconds::max());
  if (memory.base_delay > Microseconds(0)) base_ = bases_[0] = memory.base_delay;
}

PathMemory Scavenger::memory() const {
  return {.base_delay = base_ == Microseconds::max() ? Microseconds(0) : base_, .capacity = capacity_};
}

Microseconds Scavenger::interval() const {
  return base_ == Microseconds::max() ? 10ms : std::clamp<Microseconds>(base_ / 2, 10ms, 50ms);
}

// A server sends whole segments; below two of them it would wait for its own timer.
double Scavenger::least() const { return 2.0 * options_.segment * connections_; }

// What is on its way when nothing waits but for that long.
double Scavenger::flight(Microseconds delay) const { return rate_ * seconds(base_ + delay); }

// The median of how much samples bend: neither a ramp, which is a queue, nor a burst counts, and of a cut of our own
// less. Soon believed and slowly forgotten.
void Scavenger::look_at_noise(Microseconds rtt, BootTime now) {
  if (befores_ < 2) {
    ++befores_;
  } else {
    const Microseconds bend = std::chrono::abs(rtt - 2 * before_[0] + before_[1]);
    bends_[bend_] = bend - std::min(bent_by_cuts(rtt, now), scaled(bend, bent_by_us));
    bend_ = (bend_ + 1) % bends_.size();
    bends_known_ = std::min(bends_known_ + 1, bends_.size());
  }
  before_ = {rtt, before_[0]};
  if (bends_known_ < bends_enough) return;
  auto sorted = bends_;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(bends_known_ / 2);
  std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(bends_known_));
  noise_ = std::max(*middle - own_noise, scaled(noise_, noise_kept));
}

// How much shorter the queue is by the cuts that such a sample, or those that it is compared with, may feel.
Microseconds Scavenger::bent_by_cuts(Microseconds rtt, BootTime now) const {
  if (rate_ == 0) return {};
  double octets = 0;
  for (const Cut& cut : cuts_)
    if (now - cut.at < 2 * rtt + 2 * noise_spacing) octets += cut.octets;
  return Microseconds(static_cast<std::int64_t>(1e6 * octets / rate_));
}

void Scavenger::cut_to(double window, BootTime now) {
  if (window < window_) {
    cuts_[cut_] = {.at = now, .octets = window_ - window};
    cut_ = (cut_ + 1) % cuts_.size();
  }
  window_ = window;
}

// Never within the noise of the path, which would be taken for a queue and starve us; of a queue that is
// less deep than usual only so much that it does not overflow.
Microseconds Scavenger::target() const {
  const Microseconds wanted = shallow_ / std::max(1U, paths_);
  if (bends_known_ < bends_enough) return 2 * options_.target;  // better late than never
  return std::max(wanted, least_target) + scaled(noise_, noise_margin);
}

std::uint64_t Scavenger::step(const Sample& sample) {
  connections_ = std::max(1U, sample.connections);
  paths_ = sample.paths;
  if (!measuring_) {  // what came before belongs to no known time
    measuring_ = true;
    round_began_ = others_began_ = drained_at_ = arrived_ = sample.now;
    if (sample.rtt) look_at_delay(*sample.rtt, sample.now);
    window_ = std::max(window_, least());
    return window();
  }
  look_at_others(sample);
  if (silent(sample)) return window();
  round_delivered_ += sample.delivered;
  if (sample.rtt && sample.delivered > 0) look_at_delay(*sample.rtt, sample.now);
  if (base_ == Microseconds::max()) return window();
  const Microseconds took = sample.now - round_began_;
  if (took >= std::max<Microseconds>(round_rtt_ == Microseconds::max() ? base_ : round_rtt_, 10ms)) end_round(sample.now);
  window_ = std::max(window_, least());
  return window();
}

// A silence of the server, or of our own, is no time in which the line was slow.
bool Scavenger::silent(const Sample& sample) {
  const bool over = base_ != Microseconds::max() && sample.now - arrived_ > 2 * (base_ + queue_) + 2 * interval();
  if (sample.delivered > 0) arrived_ = sample.now;
  if (!over) return false;
  round_began_ = sample.now;
  round_rtt_ = Microseconds::max();
  round_delivered_ = 0;
  return true;
}

void Scavenger::look_at_delay(Microseconds rtt, BootTime now) {
  if (now >= bucket_ends_) {
    if (bucket_ends_ != BootTime{}) bucket_ = (bucket_ + 1) % bases_.size();
    bases_[bucket_] = bucket_ends_ == BootTime{} ? std::min(bases_[0], rtt) : rtt;
    bucket_ends_ = now + bucket_time;
  }
  bases_[bucket_] = std::min(bases_[bucket_], rtt);
  base_ = *std::min_element(bases_.begin(), bases_.end());
  round_rtt_ = std::min(round_rtt_, rtt);
  last_rtt_ = rtt;
  if (now - noise_seen_ < noise_spacing) return;
  noise_seen_ = now;
  look_at_noise(rtt, now);
}

// Seen for a moment, a packet is not yet somebody who wants the line.
void Scavenger::look_at_others(const Sample& sample) {
  others_ += sample.others;
  const Microseconds took = sample.now - others_began_;
  if (took < others_window) return;
  const double rate = static_cast<double>(others_) / seconds(took);
  others_ = 0;
  others_began_ = sample.now;
  const double known = std::max(capacity_, *std::max_element(rates_.begin(), rates_.end()));
  if (rate <= std::max(least_murmur, murmur * known)) return;
  yield(sample.now, false);
  hold_ = std::max(hold_, others_hold);
}

void Scavenger::end_round(BootTime now) {
  const double took = seconds(now - round_began_);
  rate_ = static_cast<double>(round_delivered_) / took;
  const bool heard = round_rtt_ != Microseconds::max();
  if (heard) queue_ = round_rtt_ - base_;
  round_began_ = now;
  round_delivered_ = 0;
  round_rtt_ = Microseconds::max();
  if (!heard) return;  // nothing came: a server that thinks, and no sign of anybody
  rates_[rate_index_] = rate_;
  rate_index_ = (rate_index_ + 1) % rates_.size();
  ++rounds_;
  if (queue_ < target() / 4) drained_at_ = now;
  const bool queue = queue_ > target();
  if (mode_ == Mode::yield) return quiet_or_not(now, queue);
  if (mode_ == Mode::drain) {
    mode_ = Mode::steady;
    window_ = std::max(window_, capacity_ * seconds(base_ + noise_));
    return;
  }
  windows_ = {windows_[1], windows_[2], window_};
  learn_depth();
  queued_rounds_ = sender_limits_ == 0 && queue_ > scaled(target(), queued) ? queued_rounds_ + 1 : 0;
  if (in_deficit()) return yield(now, true);
  learn_capacity(queue, took);
  if (queue) return shrink(now);
  if (has_to_drain(now)) return;
  grow();
}

bool Scavenger::in_deficit() const {
  if (capacity_ == 0) return false;
  const Microseconds usual = base_ + noise_;
  const double doubt = seconds(noise_) / seconds(usual);  // how far a round may be longer than it was
  const double least_window = *std::min_element(windows_.begin(), windows_.end());
  const double expected = std::min(capacity_, least_window / seconds(usual));
  const bool beyond = last_rtt_ - base_ > target();
  const bool is_wary = resumed_at_ != BootTime{} && round_began_ - resumed_at_ < wary_after_resuming;
  const double rate = is_wary ? rate_ : recent_rate();
  if (beyond && least_window > 4 * least() && rate < deficit * (1 - 2 * doubt) * expected) return true;
  return queued_rounds_ >= rates_.size() && lasting_rate() < lasting_deficit * (1 - doubt / 2) * capacity_;
}

// Of two rounds: what was held up for a moment comes with the next one.
double Scavenger::recent_rate() const {
  const std::size_t last = (rate_index_ + rates_.size() - 1) % rates_.size();
  const std::size_t before = (last + rates_.size() - 1) % rates_.size();
  return rounds_ < 2 ? rate_ : (rates_[last] + rates_[before]) / 2;
}

std::optional<Impact> Scavenger::impact() const {
  if (base_ == Microseconds::max()) return std::nullopt;
  return Impact{.path_delay = base_,
                .delay_added = std::max(queue_, Microseconds(0)),
                .capacity = static_cast<std::uint64_t>(capacity_),
                .rate = static_cast<std::uint64_t>(lasting_rate())};
}

double Scavenger::lasting_rate() const {
  const std::size_t known = std::min(rounds_, rates_.size());
  return known == 0 ? 0 : std::accumulate(rates_.begin(), rates_.end(), 0.0) / static_cast<double>(known);
}

// What the line carries is what arrives while there is a queue. More is believed soon, less slowly. Over some
// rounds, since what was held up anywhere comes faster than the line is.
void Scavenger::learn_capacity(bool queue, double took) {
  if (sender_limits_ > 0) return;  // a queue of somebody else, or none
  if (mode_ == Mode::start && !queue) return;  // a burst of the sender, smeared over less than it took
  const double rate = lasting_rate();
  if (capacity_ == 0)
    capacity_ = rate;
  else if (rate > capacity_)
    capacity_ += (rate - capacity_) / 4;
  else if (queue_ > target() / 2)
    capacity_ += (rate - capacity_) * std::min(1.0, took / belief_seconds);
}

// The window is wide and still nothing more comes: it is the sender that goes back, after losses. If the queue
// was never as deep as the target is long, it overflows before we would see it.
void Scavenger::learn_depth() {
  deepest_ = std::max(scaled(deepest_, 0.995), queue_);
  if (queue_ > options_.target) shallow_ = options_.target;
  const bool limits = window_ > 1.6 * rate_ * seconds(base_ + queue_);
  sender_limits_ = limits ? sender_limits_ + 1 : 0;
  const bool went_back = sender_limits_ >= 8 && queue_ < deepest_ / 2;
  if (went_back && deepest_ > least_target && deepest_ < options_.target) shallow_ = std::max(least_target, deepest_ / 2);
}

void Scavenger::shrink(BootTime now) {
  roomy_rounds_ = 0;
  if (mode_ == Mode::start) mode_ = Mode::steady;
  cut_to(std::min(window_, flight(scaled(target(), left_after_cut))), now);
}

// Twice as much while the line is known to have room, or nothing is known; near the target only so much that
// it is not passed.
void Scavenger::grow() {
  const double most = *std::max_element(rates_.begin(), rates_.end());
  const double cap = headroom * most * seconds(base_ + queue_) + first_segments * options_.segment;
  if (mode_ == Mode::start && queue_ > target() / 2) mode_ = Mode::steady;
  if (queue_ < target() / 2)
    roomy_rounds_ = std::min(roomy_rounds_ + 1, 6);
  else
    roomy_rounds_ = std::max(roomy_rounds_ - 2, 0);
  double grown = 2 * window_;
  if (capacity_ > 0) {
    const double full = capacity_ * seconds(base_ + noise_);
    const double room = capacity_ * seconds(target() - queue_) * approach;
    const double more = std::max(room, 0.0) + window_ * slow_growth * (std::exp2(roomy_rounds_) - 1);
    grown = std::min(grown, queue_ < target() / 2 ? std::max(full + room, window_ + more) : window_ + more);
  } else if (mode_ != Mode::start) {
    grown = window_ * (1 + growth);
  }
  window_ = std::max(std::min(grown, cap), std::min(window_, cap));
}

// The least until it has been quiet. Who comes back and finds the line taken waits longer the next time.
void Scavenger::yield(BootTime now, bool again) {
  const Microseconds most = std::clamp<Microseconds>(40 * base_, 300ms, 2500ms);
  const Microseconds first = std::clamp<Microseconds>(4 * base_, 80ms, most);
  if (mode_ != Mode::yield) {
    const bool soon = again && resumed_at_ != BootTime{} && now - resumed_at_ < 4 * most;
    hold_ = soon ? std::min(most, std::max(first, 2 * hold_)) : first;
    if (again) capacity_ *= std::exp(-seconds(soon ? now - quiet_since_ : Microseconds(0)) / belief_seconds);
  }
  mode_ = Mode::yield;
  quiet_since_ = now;
  cut_to(least(), now);
}

void Scavenger::quiet_or_not(BootTime now, bool queue) {
  window_ = least();
  if (queue) quiet_since_ = now;
  if (now - quiet_since_ < hold_) return;
  mode_ = Mode::start;
  resumed_at_ = now;
}

// A queue that is never empty hides what the path is without it.
bool Scavenger::has_to_drain(BootTime now) {
  if (now - drained_at_ < drain_after) return false;
  drained_at_ = now;
  mode_ = Mode::drain;
  cut_to(flight({}) / 2, now);
  return true;
}

}  // namespace backhaul::core
