// SPDX-License-Identifier: Apache-2.0
// A deterministic path for the control of background traffic, packet by packet: senders with CUBIC (RFC 9438)
// or of a fixed congestion window, one bottleneck with a queue (FIFO, or fair queueing with CoDel), delay that may
// vary, moments in which nothing leaves, and random loss. The receiver sees the round trip as Linux does: by timestamps
// of a millisecond, of which the least is taken at once and the rest smoothed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <vector>

#include "base/time.h"

namespace backhaul::core {

struct LinkSetup {
  double megabits = 50;
  double rtt = 0.020;    // seconds, without a queue
  double depth = 0.240;  // seconds of the rate
  bool fair = false;     // by flow, with CoDel
  double jitter = 0;     // seconds at most, of a round trip; changes within 20 ms
  double loss = 0;       // of each packet
  double stall = 0;      // seconds at most, for which nothing leaves it, three times a second
};

class Link {
 public:
  static constexpr double payload = 1448;
  static constexpr double packet = 1500;

  explicit Link(LinkSetup setup) : setup_(setup) {}

  std::size_t add_flow() {
    flows_.emplace_back();
    return flows_.size() - 1;
  }
  void start(std::size_t flow) {
    Flow& f = flows_[flow];
    f = {.delivered = f.delivered, .window = f.window};
    f.active = true;
    f.edge = f.window / payload;
    send(flow, now_ - setup_.rtt);
  }
  void stop(std::size_t flow) { flows_[flow].active = false; }
  void set_window(std::size_t flow, double octets) { flows_[flow].window = octets; }
  double delivered(std::size_t flow) const { return flows_[flow].delivered; }
  double now() const { return now_; }
  std::optional<base::Microseconds> rtt(std::size_t flow) const {
    const double rtt = flows_[flow].receiver_rtt;
    if (rtt == 0) return std::nullopt;
    return base::Microseconds(static_cast<std::int64_t>(rtt * 1e6));
  }
  double queueing() const { return static_cast<double>(queued_) * time_of_packet(); }

  void run_until(double time) {
    while (!events_.empty() && events_.top().at <= time) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.at;
      switch (event.kind) {
        case Kind::departs: departs(); break;
        case Kind::acknowledged: acknowledged(event); break;
        case Kind::missed: missed(event); break;
      }
    }
    now_ = time;
  }

 private:
  enum class Kind : std::uint8_t { departs, acknowledged, missed };
  struct Packet {
    std::size_t flow = 0;
    double sent = 0;
    double echoed = 0;  // when the receiver sent what this answers
    double queued = 0;
  };
  struct Event {
    double at = 0;
    Kind kind{};
    std::uint64_t order = 0;
    Packet of{};
    double edge = 0;
    bool operator<(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  struct Flow {
    double delivered = 0;
    double window = 1e12;
    bool active = false;
    double cwnd = 10, ssthresh = 1e9, most = 0, epoch = -1, recovery = -1;
    double in_flight = 0, sent = 0, arrived = 0, edge = 0;
    double receiver_rtt = 0;
    std::int64_t last_echo = -1;
    std::deque<Packet> queue{};
    double above_since = -1, next_drop = 0, drops = 0;  // CoDel
  };

  double time_of_packet() const { return packet * 8 / (setup_.megabits * 1e6); }
  double random() {  // xorshift64*
    seed_ ^= seed_ >> 12;
    seed_ ^= seed_ << 25;
    seed_ ^= seed_ >> 27;
    return static_cast<double>((seed_ * 2685821657736338717ULL) >> 11) / 9007199254740992.0;
  }
  double delay_now() {
    if (setup_.jitter == 0) return setup_.rtt;
    constexpr double knot = 0.020;
    while (now_ >= knot_ + knot) {
      knot_ += knot;
      from_ = to_;
      to_ = random() * setup_.jitter;
    }
    return setup_.rtt + from_ + (to_ - from_) * (now_ - knot_) / knot;
  }
  void post(double at, Kind kind, const Packet& of, double edge = 0) {
    events_.push({.at = at, .kind = kind, .order = ++order_, .of = of, .edge = edge});
  }

  void send(std::size_t flow, double echoed) {
    Flow& f = flows_[flow];
    while (f.active && f.in_flight < std::floor(f.cwnd) && f.sent < std::floor(f.edge)) {
      ++f.in_flight;
      ++f.sent;
      enqueue({.flow = flow, .sent = now_, .echoed = echoed, .queued = now_});
    }
  }
  void enqueue(const Packet& p) {
    Flow& f = flows_[p.flow];
    const double queued = setup_.fair ? static_cast<double>(f.queue.size()) : static_cast<double>(queued_);
    const double depth = setup_.fair ? 1000 : std::max(2.0, setup_.depth / time_of_packet());
    if (queued >= depth) {
      post(now_ + queueing() + setup_.rtt, Kind::missed, p);
      return;
    }
    (setup_.fair ? f.queue : fifo_).push_back(p);
    ++queued_;
    if (!busy_) serve();
  }
  void serve() {
    std::deque<Packet>* queue = &fifo_;
    if (setup_.fair) {
      for (std::size_t i = 0; i < flows_.size(); ++i) {
        turn_ = (turn_ + 1) % flows_.size();
        if (!flows_[turn_].queue.empty()) break;
      }
      queue = &flows_[turn_].queue;
      if (!queue->empty() && dropped_by_codel(flows_[turn_])) return serve();
    }
    busy_ = !queue->empty();
    if (!busy_) return;
    served_ = queue->front();
    queue->pop_front();
    --queued_;
    post(now_ + stalled() + time_of_packet(), Kind::departs, served_);
  }
  // As radio does, and a machine that has something else to do.
  double stalled() {
    if (setup_.stall == 0 || now_ < next_stall_) return 0;
    next_stall_ = now_ + 0.667 * random();
    return setup_.stall * random();
  }
  bool dropped_by_codel(Flow& f) {
    const Packet p = f.queue.front();
    if (now_ - p.queued < 0.005 || f.queue.size() < 2) {
      f.above_since = -1;
      f.drops = 0;
      return false;
    }
    if (f.above_since < 0) {
      f.above_since = now_;
      f.next_drop = now_ + 0.100;
    }
    if (now_ < f.next_drop) return false;
    f.next_drop = now_ + 0.100 / std::sqrt(++f.drops);
    f.queue.pop_front();
    --queued_;
    post(now_ + setup_.rtt, Kind::missed, p);
    return true;
  }
  void departs() {
    const Packet p = served_;
    Flow& f = flows_[p.flow];
    const double back = delay_now();
    if (setup_.loss > 0 && random() < setup_.loss) {
      post(now_ + back, Kind::missed, p);
    } else {
      f.delivered += payload;
      ++f.arrived;
      measure(f, p);
      post(now_ + back, Kind::acknowledged, {.flow = p.flow, .sent = p.sent, .echoed = now_, .queued = 0},
           f.arrived + f.window / payload);
    }
    serve();
  }
  void measure(Flow& f, const Packet& p) {
    const auto echo = static_cast<std::int64_t>(p.echoed * 1000);
    if (echo == f.last_echo) return;
    f.last_echo = echo;
    const double rtt = std::max(0.001, static_cast<double>(static_cast<std::int64_t>(now_ * 1000) - echo) / 1000);
    if (f.receiver_rtt == 0 || rtt < f.receiver_rtt)
      f.receiver_rtt = rtt;
    else
      f.receiver_rtt += (rtt - f.receiver_rtt) / 8;
  }
  void acknowledged(const Event& event) {
    Flow& f = flows_[event.of.flow];
    const double rtt = now_ - event.of.sent;
    const bool full = f.in_flight + 1 >= std::floor(f.cwnd);
    f.in_flight = std::max(0.0, f.in_flight - 1);
    f.edge = std::max(f.edge, event.edge);
    if (full) grow(f, rtt);
    send(event.of.flow, event.of.echoed);
  }
  void grow(Flow& f, double rtt) {
    if (f.cwnd < f.ssthresh) {
      if (f.cwnd >= 16 && rtt > setup_.rtt + setup_.jitter + std::clamp(setup_.rtt / 8, 0.004, 0.016)) f.ssthresh = f.cwnd;
      f.cwnd += 1;
      return;
    }
    if (f.epoch < 0) {
      f.epoch = now_;
      f.most = std::max(f.most, f.cwnd);
    }
    const double k = std::cbrt(f.most * 0.3 / 0.4);
    const double cubic = 0.4 * std::pow(now_ - f.epoch - k, 3) + f.most;
    const double reno = f.cwnd + 0.53 / f.cwnd;
    f.cwnd = std::max(reno, f.cwnd + std::max(0.0, std::min(cubic, 1.5 * f.cwnd) - f.cwnd) / f.cwnd);
  }
  void missed(const Event& event) {
    Flow& f = flows_[event.of.flow];
    f.in_flight = std::max(0.0, f.in_flight - 1);
    ++f.arrived;  // it comes once more, later
    f.edge = std::max(f.edge, f.arrived + f.window / payload);
    if (event.of.sent > f.recovery) {
      f.recovery = now_;
      f.most = f.cwnd < f.most ? f.cwnd * 0.85 : f.cwnd;
      f.cwnd = f.ssthresh = std::max(2.0, f.cwnd * 0.7);
      f.epoch = -1;
    }
    send(event.of.flow, now_ - setup_.rtt);
  }

  const LinkSetup setup_;
  double now_ = 0;
  std::vector<Flow> flows_;
  std::deque<Packet> fifo_;
  std::size_t queued_ = 0, turn_ = 0;
  bool busy_ = false;
  Packet served_;
  std::priority_queue<Event> events_;
  std::uint64_t order_ = 0, seed_ = 88172645463325252ULL;
  double next_stall_ = 0;
  double knot_ = 0, from_ = 0, to_ = 0;
};

}  // namespace backhaul::core
