// SPDX-License-Identifier: Apache-2.0
// Less-than-best-effort congestion control (RFC 6297) at the receiver, as in rLEDBAT (RFC 9840): how much all
// background connections of one path may have on their way, so that nobody else notices them and an idle
// line is used in full. A value: what was measured goes in, a window comes out. Whoever measures sets it.
//
// Three signs say that the line is wanted by somebody else:
// * a queue beyond the target: what is on its way is cut down to what was delivered, plus less than the target;
// * a queue at a rate below what the line is known to carry. Behind fair queueing a competitor is seen by
//   nothing else: it takes its half and leaves us ours without a delay that lasts;
// * octets of others on the interface: at once, before there is a queue.
// The second and the third end in yielding: the least window until it was quiet for a while, which becomes
// longer each time that the line turns out to be taken still.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "core/reading.h"

namespace backhaul::core {

// What is worth knowing of a path when the next transfer begins. A flow that is born inside of a full queue
// would take its delay for that of the path.
struct PathMemory {
  base::Microseconds base_delay{};  // 0: not known
  double capacity = 0;              // octets a second; 0: not known

  bool operator==(const PathMemory&) const = default;
};

class Scavenger {
 public:
  struct Sample {
    base::BootTime now{};
    std::optional<base::Microseconds> rtt;  // of what arrived last, as the receiver sees it
    std::uint64_t delivered = 0;            // since the sample before, all connections together
    std::uint64_t others = 0;               // octets of others on the interface, likewise
    std::uint32_t connections = 1;
    std::uint32_t paths = 1;  // that are controlled at the same time, each of which fills its own target
  };

  struct Options {
    std::uint32_t segment = 1448;
    base::Microseconds target = std::chrono::milliseconds(5);  // the queue of our own making, at most
  };
  Scavenger() : Scavenger(PathMemory{}, Options{}) {}
  explicit Scavenger(const PathMemory& memory) : Scavenger(memory, Options{}) {}
  Scavenger(const PathMemory& memory, const Options& options);

  // The window of all connections together.
  std::uint64_t step(const Sample& sample);
  std::uint64_t window() const { return static_cast<std::uint64_t>(window_); }

  // How long to wait for the next sample.
  base::Microseconds interval() const;
  base::Microseconds target() const;
  // What all that is in the queue costs everybody, as of the last round.
  base::Microseconds delay_added() const { return queue_; }
  // Unset: nothing is known of the path yet.
  std::optional<Impact> impact() const;
  bool yields() const { return mode_ == Mode::yield; }
  PathMemory memory() const;

 private:
  using Microseconds = base::Microseconds;
  enum class Mode : std::uint8_t { start, steady, yield, drain };

  bool silent(const Sample& sample);
  void look_at_delay(Microseconds rtt, base::BootTime now);
  void look_at_noise(Microseconds rtt, base::BootTime now);
  Microseconds bent_by_cuts(Microseconds rtt, base::BootTime now) const;
  void cut_to(double window, base::BootTime now);
  void look_at_others(const Sample& sample);
  void end_round(base::BootTime now);
  void learn_capacity(bool queue, double took);
  void learn_depth();
  void shrink(base::BootTime now);
  void grow();
  void yield(base::BootTime now, bool again);
  void quiet_or_not(base::BootTime now, bool queue);
  bool in_deficit() const;
  double recent_rate() const;
  double lasting_rate() const;
  bool has_to_drain(base::BootTime now);
  double least() const;
  double flight(Microseconds delay) const;

  Options options_;
  std::uint32_t connections_ = 1;
  std::uint32_t paths_ = 1;
  Mode mode_ = Mode::start;
  double window_ = 0;

  // The delay of the path: the least of the last minutes, in buckets, so that it can become longer.
  std::array<Microseconds, 8> bases_;
  std::size_t bucket_ = 0;
  base::BootTime bucket_ends_{};
  Microseconds base_ = Microseconds::max();
  Microseconds queue_{};  // of the last round
  base::BootTime drained_at_{};

  // How much two neighbouring samples differ for no reason.
  static constexpr std::size_t noise_samples = 32;
  std::array<Microseconds, noise_samples> bends_{};
  std::size_t bend_ = 0;
  std::size_t bends_known_ = 0;
  Microseconds noise_{};
  base::BootTime noise_seen_{};
  std::array<Microseconds, 2> before_{};
  std::size_t befores_ = 0;
  // What was cut off the window last.
  struct Cut {
    base::BootTime at{};
    double octets = 0;
  };
  std::array<Cut, 8> cuts_{};
  std::size_t cut_ = 0;

  // The round under way: at least a round trip.
  base::BootTime round_began_{}, arrived_{};
  bool measuring_ = false;
  std::uint64_t round_delivered_ = 0;
  Microseconds round_rtt_ = Microseconds::max();  // the least
  Microseconds last_rtt_{};

  // Octets a second.
  double rate_ = 0;
  std::array<double, 8> rates_{};  // of the last rounds
  std::size_t rounds_ = 0;
  std::size_t rate_index_ = 0;
  double capacity_ = 0;
  int roomy_rounds_ = 0;
  std::array<double, 3> windows_{};  // of the last rounds
  std::size_t queued_rounds_ = 0;  // with a queue, in a row

  // How deep the queue is that overflows in front of us.
  Microseconds deepest_{};
  Microseconds shallow_;
  unsigned sender_limits_ = 0;  // rounds in which not the window decided

  // Yielding.
  base::BootTime quiet_since_{};
  base::BootTime resumed_at_{};
  Microseconds hold_{};
  base::BootTime others_began_{};
  std::uint64_t others_ = 0;
};

}  // namespace backhaul::core
