// SPDX-License-Identifier: Apache-2.0
// A line between two network namespaces: two TUN devices and, between them, one bottleneck in user space.
// What goes from the servers passes a queue that is served at a
// rate, FIFO of so many octets or fair by flow with CoDel (RFC 8289, 8290); what goes back is only delayed.
//
//   bench_link SERVERS CLIENTS OTHERS rate=MBIT rtt=MS queue=MS|fq [jitter=MS] [loss=PERCENT] [seed=N] [log=FILE]
//
// SERVERS, CLIENTS and OTHERS are paths of namespaces (/run/netns/…). In each a device `line` is made: 10.77.0.1
// with the servers, 10.77.0.2 and 10.77.0.3 with the clients, 10.77.0.4 with the others, who are another host
// behind the same line. Runs until SIGTERM. The log has a line each tenth of a second: time (CLOCK_MONOTONIC),
// delay of the queue in ms, Mbit/s to 10.77.0.2, and to the rest.
//
// The jitter is one of the whole line, in each direction: a delay that wanders between nothing and so much
// within 20 ms, so that packets keep their order.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <vector>

namespace {

using Nanoseconds = std::int64_t;
constexpr Nanoseconds ms = 1'000'000;

Nanoseconds now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "bench_link: %s: %s\n", what, strerror(errno));
  std::exit(1);
}

struct Setup {
  double megabits = 20, rtt_ms = 20, queue_ms = 100, jitter_ms = 0, loss_percent = 0;
  bool fair = false;
  unsigned seed = 1;
  const char* log = nullptr;
};

struct Packet {
  std::vector<unsigned char> data;
  Nanoseconds at = 0;  // it came, or is due
};

// Of a flow: its address and ports.
std::uint64_t flow_of(const Packet& packet) {
  if (packet.data.size() < 24) return 0;
  const std::size_t head = (packet.data[0] & 0xfU) * 4U;
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&](std::size_t from, std::size_t size) {
    for (std::size_t i = from; i < from + size && i < packet.data.size(); ++i) hash = (hash ^ packet.data[i]) * 1099511628211ULL;
  };
  mix(12, 8);
  mix(9, 1);
  mix(head, 4);
  return hash;
}

class Wander {
 public:
  Wander(double most_ms, unsigned seed) : most_(most_ms * ms), random_(seed) {}
  Nanoseconds at(Nanoseconds time) {
    if (most_ <= 0) return 0;
    constexpr Nanoseconds knot = 20 * ms;
    if (begin_ == 0) begin_ = time;
    while (time >= begin_ + knot) {
      begin_ += knot;
      from_ = to_;
      to_ = std::uniform_real_distribution<double>(0, most_)(random_);
    }
    return static_cast<Nanoseconds>(from_ + (to_ - from_) * static_cast<double>(time - begin_) / static_cast<double>(knot));
  }

 private:
  double most_;
  std::mt19937 random_;
  Nanoseconds begin_ = 0;
  double from_ = 0, to_ = 0;
};

// What waits for the line.
class Queue {
 public:
  Queue(const Setup& setup) : fair_(setup.fair), limit_(static_cast<std::size_t>(setup.queue_ms / 1e3 * setup.megabits * 1e6 / 8)) {
    if (fair_) limit_ = 15'000'000;
    limit_ = std::max<std::size_t>(limit_, 3000);
  }
  std::size_t octets() const { return octets_; }
  void push(Packet packet) {
    if (octets_ + packet.data.size() > limit_) return;
    octets_ += packet.data.size();
    const std::uint64_t key = fair_ ? flow_of(packet) : 0;
    Flow& flow = flows_[key];
    flow.packets.push_back(std::move(packet));
    if (flow.packets.size() == 1 && !flow.listed) {
      flow.listed = true;
      flow.deficit = quantum;
      fresh_.push_back(key);
    }
  }
  // The next one that is sent; nothing where none waits.
  bool pop(Nanoseconds time, Packet& out) {
    while (!fresh_.empty() || !old_.empty()) {
      auto& list = fresh_.empty() ? old_ : fresh_;
      const std::uint64_t key = list.front();
      Flow& flow = flows_[key];
      if (flow.deficit <= 0) {
        flow.deficit += quantum;
        list.pop_front();
        old_.push_back(key);
        continue;
      }
      if (fair_) drop_late(flow, time);
      if (flow.packets.empty()) {
        const bool was_fresh = &list == &fresh_;
        list.pop_front();
        if (was_fresh && !old_.empty()) {
          old_.push_back(key);
        } else {
          flow.listed = false;
        }
        continue;
      }
      out = take(flow);
      flow.deficit -= fair_ ? static_cast<std::int64_t>(out.data.size()) : 0;
      return true;
    }
    return false;
  }

 private:
  static constexpr std::int64_t quantum = 1514;
  struct Flow {
    std::deque<Packet> packets;
    std::int64_t deficit = 0;
    bool listed = false;
    // CoDel
    Nanoseconds first_above = 0, drop_next = 0;
    unsigned count = 0, last_count = 0;
    bool dropping = false;
  };

  Packet take(Flow& flow) {
    Packet packet = std::move(flow.packets.front());
    flow.packets.pop_front();
    octets_ -= packet.data.size();
    return packet;
  }
  static bool is_late(Flow& flow, Nanoseconds time) {
    if (flow.packets.size() < 2 || time - flow.packets.front().at < 5 * ms) {
      flow.first_above = 0;
      return false;
    }
    if (flow.first_above == 0) flow.first_above = time + 100 * ms;
    return time >= flow.first_above;
  }
  static Nanoseconds after(unsigned count) { return static_cast<Nanoseconds>(100.0 * ms / std::sqrt(count)); }
  void drop_late(Flow& flow, Nanoseconds time) {
    bool late = is_late(flow, time);
    if (flow.dropping) {
      if (!late) flow.dropping = false;
      while (flow.dropping && time >= flow.drop_next) {
        take(flow);
        ++flow.count;
        if (!is_late(flow, time))
          flow.dropping = false;
        else
          flow.drop_next += after(flow.count);
      }
    } else if (late) {
      take(flow);
      flow.dropping = true;
      const unsigned delta = flow.count - flow.last_count;
      flow.count = delta > 1 && time - flow.drop_next < 1600 * ms ? delta : 1;
      flow.last_count = flow.count;
      flow.drop_next = time + after(flow.count);
    }
  }

  bool fair_;
  std::size_t limit_, octets_ = 0;
  std::map<std::uint64_t, Flow> flows_;
  std::deque<std::uint64_t> fresh_, old_;
};

// A device in another namespace; its descriptor works from here.
int device_in(const char* path, const std::vector<std::string>& commands) {
  const int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  const int there = open(path, O_RDONLY | O_CLOEXEC);
  if (home < 0 || there < 0 || setns(there, CLONE_NEWNET) != 0) die(path);
  const int device = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  strcpy(request.ifr_name, "line");
  if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) die("/dev/net/tun");
  for (const std::string& command : commands)
    if (std::system(command.c_str()) != 0) die(command.c_str());
  if (setns(home, CLONE_NEWNET) != 0) die("setns");
  close(home);
  close(there);
  return device;
}

volatile sig_atomic_t ended = 0;

class Line {
 public:
  Line(const Setup& setup, int servers, int clients, int others)
      : setup_(setup), servers_(servers), clients_(clients), others_(others), queue_(setup), down_(setup.jitter_ms, setup.seed),
        up_(setup.jitter_ms, setup.seed + 1), random_(setup.seed + 2),
        per_octet_(8e9 / (setup.megabits * 1e6)), half_(static_cast<Nanoseconds>(setup.rtt_ms * ms / 2)) {
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (setup.log != nullptr) log_ = std::fopen(setup.log, "w");
    next_log_ = now();
  }
  void run() {
    while (ended == 0) {
      arm();
      std::array<pollfd, 4> ready{pollfd{servers_, POLLIN, 0}, pollfd{clients_, POLLIN, 0}, pollfd{others_, POLLIN, 0}, pollfd{timer_, POLLIN, 0}};
      if (poll(ready.data(), ready.size(), 100) < 0 && errno != EINTR) die("poll");
      std::uint64_t expired = 0;
      (void)!read(timer_, &expired, sizeof expired);
      from_servers();
      from_clients(clients_);
      from_clients(others_);
      serve();
      deliver();
      write_log();
    }
  }

 private:
  bool receive(int fd, Packet& packet) {
    packet.data.resize(2048);
    const ssize_t size = read(fd, packet.data.data(), packet.data.size());
    if (size <= 0) return false;
    packet.data.resize(static_cast<std::size_t>(size));
    packet.at = now();
    return true;
  }
  void from_servers() {
    Packet packet;
    for (int i = 0; i < 256 && receive(servers_, packet); ++i) {
      if (!sending_) free_at_ = packet.at;
      queue_.push(std::move(packet));
      serve();
    }
  }
  void from_clients(int fd) {
    Packet packet;
    for (int i = 0; i < 256 && receive(fd, packet); ++i) {
      packet.at = last_up_ = std::max(last_up_, packet.at + half_ + up_.at(packet.at));
      to_servers_.push_back(std::move(packet));
    }
  }
  // The line is a clock: what is late here is caught up with.
  void serve() {
    const Nanoseconds time = now();
    while (free_at_ <= time) {
      Packet packet;
      sending_ = queue_.pop(free_at_, packet);
      if (!sending_) return;
      free_at_ += static_cast<Nanoseconds>(static_cast<double>(packet.data.size()) * per_octet_);
      sent_[last_octet(packet) == 2 ? 0 : 1] += packet.data.size();
      if (setup_.loss_percent > 0 && std::uniform_real_distribution<double>(0, 100)(random_) < setup_.loss_percent) continue;
      packet.at = last_down_ = std::max(last_down_, free_at_ + half_ + down_.at(free_at_));
      to_clients_.push_back(std::move(packet));
    }
    sending_ = true;
  }
  void deliver() {
    const Nanoseconds time = now();
    for (; !to_clients_.empty() && to_clients_.front().at <= time; to_clients_.pop_front())
      write_to(last_octet(to_clients_.front()) == 4 ? others_ : clients_, to_clients_.front());
    for (; !to_servers_.empty() && to_servers_.front().at <= time; to_servers_.pop_front())
      write_to(servers_, to_servers_.front());
  }
  static unsigned last_octet(const Packet& packet) { return packet.data.size() < 20 ? 0 : packet.data[19]; }
  static void write_to(int fd, const Packet& packet) {
    (void)!write(fd, packet.data.data(), packet.data.size());
  }
  void arm() {
    Nanoseconds next = now() + 100 * ms;
    if (!to_clients_.empty()) next = std::min(next, to_clients_.front().at);
    if (!to_servers_.empty()) next = std::min(next, to_servers_.front().at);
    if (queue_.octets() > 0) next = std::min(next, free_at_);
    itimerspec when{};
    when.it_value = {.tv_sec = next / 1'000'000'000, .tv_nsec = next % 1'000'000'000};
    timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
  }
  void write_log() {
    if (log_ == nullptr || now() < next_log_) return;
    next_log_ += 100 * ms;
    std::fprintf(log_, "%.1f %.2f %.2f %.2f\n", static_cast<double>(next_log_) / 1e9,
                 static_cast<double>(queue_.octets()) * per_octet_ / 1e6, static_cast<double>(sent_[0]) * 8e-5,
                 static_cast<double>(sent_[1]) * 8e-5);
    std::fflush(log_);
    sent_ = {};
  }

  const Setup setup_;
  int servers_, clients_, others_, timer_;
  Queue queue_;
  Wander down_, up_;
  std::mt19937 random_;
  double per_octet_;
  Nanoseconds half_, free_at_ = 0, last_up_ = 0, last_down_ = 0, next_log_ = 0;
  bool sending_ = false;
  std::deque<Packet> to_clients_, to_servers_;
  std::array<std::uint64_t, 2> sent_{};
  std::FILE* log_ = nullptr;
};

Setup setup_of(int argc, char** argv) {
  Setup setup;
  for (int i = 4; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const char* value = argv[i] + std::min(equals + 1, argument.size());
    if (name == "rate") setup.megabits = std::atof(value);
    else if (name == "rtt") setup.rtt_ms = std::atof(value);
    else if (name == "queue" && std::string(value) == "fq") setup.fair = true;
    else if (name == "queue") setup.queue_ms = std::atof(value);
    else if (name == "jitter") setup.jitter_ms = std::atof(value);
    else if (name == "loss") setup.loss_percent = std::atof(value);
    else if (name == "seed") setup.seed = static_cast<unsigned>(std::atoi(value));
    else if (name == "log") setup.log = value;
    else { std::fprintf(stderr, "bench_link: what is %s?\n", argv[i]); std::exit(2); }
  }
  return setup;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: bench_link SERVERS CLIENTS OTHERS name=value…\n");
    return 2;
  }
  const Setup setup = setup_of(argc, argv);
  const std::string up = "ip link set lo up && ip link set line mtu 1500 txqueuelen 10000 up && ip addr add 10.77.0.";
  const int servers = device_in(argv[1], {up + "1/24 dev line"});
  const int clients = device_in(argv[2], {up + "2/24 dev line", "ip addr add 10.77.0.3/24 dev line"});
  const int others = device_in(argv[3], {up + "4/24 dev line"});
  signal(SIGTERM, [](int) { ended = 1; });
  signal(SIGINT, [](int) { ended = 1; });
  // Who is late makes jitter that is none of the line's.
  const sched_param first{.sched_priority = 10};
  (void)sched_setscheduler(0, SCHED_FIFO, &first);
  std::printf("ready\n");
  std::fflush(stdout);
  Line(setup, servers, clients, others).run();
  return 0;
}
