// SPDX-License-Identifier: Apache-2.0
#include "bench/fleet_world.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/random.h"
#include "bench/fleet_network.h"
#include "core/neighbours.h"
#include "os/sha256.h"

namespace backhaul::fleet {
namespace {

using Moment = std::uint64_t;  // microseconds since the first that anybody can arrive

constexpr Moment second = 1'000'000;
// What a machine needs for something, in the order in which it does it.
constexpr Moment asks_origin = 100'000;     // what it has: a round trip over the WAN, with TLS
constexpr Moment asks_neighbours = 20'000;  // ten handshakes in the own network, and their answers
constexpr Moment gives_up_search = 950'000;  // where one of them is not there any more
constexpr Moment opens_part = 30'000;       // before each transfer
constexpr Moment makes_copy = 300'000;      // which is synced and held against its digest
constexpr Moment misses_giver = 2 * second;  // that is gone
constexpr std::size_t neighbours_that_may_fail = 3;  // engine/approaches.h

enum class Stage : std::uint8_t {
  away,
  asking_origin,
  searching,
  waiting,
  opening,   // a part, before a neighbour gives it something
  fetching,  // from the origin
  taking,    // from a neighbour
  broken,    // likewise, which is gone
  copying,
  has,
  gone,
};
enum class What : std::uint8_t { arrives, searches, hears, opens, misses, offers, leaves };

struct Event {
  Moment when = 0;
  std::uint64_t number = 0;
  What what{};
  std::size_t machine = 0;
  std::uint32_t turn = 0;

  bool operator>(const Event& other) const {
    return std::tie(when, number) > std::tie(other.when, other.number);
  }
};

struct Machine {
  std::string key;
  std::string rank;
  Stage stage = Stage::away;
  bool liar = false;
  bool left = false;
  std::uint32_t turn = 0;  // what was to happen in an earlier one does not happen any more
  Moment arrived = 0;
  double held = 0;         // octets
  std::size_t generation = 0;
  // engine::Approach, of one slice that lasts as long as it takes.
  core::NeighbourWait wait;
  core::Bans bans;
  std::set<std::string> failed, refused, givers;
  std::vector<core::NeighbourAnswer> offers;
  std::vector<std::size_t> asked;
  std::size_t liars = 0;
  bool given = false;      // its transfer is one of a neighbour
  Moment asked_in = 0;
  std::uint64_t asked_of_it = 0;
};

class World {
 public:
  explicit World(const Setup& setup)
      : setup_(setup),
        size_(setup.mib * 1024 * 1024),
        random_(setup.seed),
        known_(domains_of(setup)),
        machines_(setup.machines),
        network_(lines_of(setup), places_of(setup), sites_of(setup), domains_of(setup), given_at_once(setup)) {
    settle_machines();
  }

  Outcome run() {
    for (std::size_t machine = 0; machine < machines_.size(); ++machine) {
      if (machines_[machine].liar) continue;
      happens(machines_[machine].arrived, What::arrives, machine);
    }
    for (;;) {
      const auto due = network_.next();
      const Moment whole = due ? std::max(now_, static_cast<Moment>(std::ceil(due->when * 1e6)))
                               : std::numeric_limits<Moment>::max();
      if (events_.empty() && !due) break;
      if (due && (events_.empty() || whole <= events_.top().when)) {
        now_ = whole;
        has_all(due->machine);
        continue;
      }
      const Event event = events_.top();
      events_.pop();
      now_ = event.when;
      if (event.what == What::leaves || event.turn == machines_[event.machine].turn) on(event);
    }
    return result();
  }

 private:
  static Lines lines_of(const Setup& setup) {
    constexpr double octets = 1e6 / 8;
    Lines lines{.origin = setup.origin_mbit * octets,
                .wan = setup.wan_mbit * octets,
                .down = setup.link_mbit * octets,
                .give = given_by(setup) * octets};
    if (setup.domain_mbit > 0) lines.domain = setup.domain_mbit * octets;
    return lines;
  }

  static std::vector<Place> places_of(const Setup& setup) {
    std::vector<Place> places;
    for (std::size_t machine = 0; machine < setup.machines; ++machine)
      places.push_back({.site = site_of(setup, machine), .domain = domain_of(setup, machine)});
    return places;
  }

  void settle_machines() {
    const std::vector<std::uint64_t> arrivals = arrivals_of(setup_);
    const std::string object = os::sha256("https://origin.example/file");
    for (std::size_t number = 0; number < machines_.size(); ++number) {
      Machine& machine = machines_[number];
      machine.key = os::sha256("machine " + std::to_string(number) + " of " + std::to_string(setup_.seed));
      machine.rank = os::sha256(machine.key + object);
      machine.arrived = arrivals[number];
      numbers_.emplace(machine.key, number);
      known_[domain_of(setup_, number)].push_back({.key = machine.key, .host = {}, .port = 2178, .name = {}});
      machine.liar = is_one_of(setup_.liars);
      if (is_one_of(setup_.leaving) && !machine.liar)
        happens(machine.arrived + random_.below(60 * second), What::leaves, number);
    }
  }

  bool is_one_of(double share) {
    return static_cast<double>(random_.below(1'000'000)) < share * 1'000'000;
  }

  void happens(Moment when, What what, std::size_t machine) {
    events_.push(
        {.when = when, .number = ++number_, .what = what, .machine = machine, .turn = machines_[machine].turn});
  }

  // Nothing that was to happen to it happens any more, and this does.
  void goes_on(std::size_t number, Stage stage, Moment later, What what) {
    machines_[number].stage = stage;
    ++machines_[number].turn;
    happens(now_ + later, what, number);
  }

  double seconds() const { return static_cast<double>(now_) / 1e6; }

  void on(const Event& event) {
    switch (event.what) {
      case What::arrives: goes_on(event.machine, Stage::asking_origin, asks_origin, What::searches); break;
      case What::searches: search(event.machine); break;
      case What::hears: hear(event.machine); break;
      case What::opens: open(event.machine); break;
      case What::misses: fail(event.machine); break;
      case What::offers: machines_[event.machine].stage = Stage::has; break;
      case What::leaves: leave(event.machine); break;
    }
  }

  bool is_out(const Machine& machine, const std::string& key) const {
    return key == machine.key || machine.failed.contains(key) ||
           (!machine.bans.empty() && core::banned_until(machine.bans, key, 0, base::ServiceTime(base::Microseconds(now_))));
  }

  void search(std::size_t number) {
    Machine& machine = machines_[number];
    if (setup_.rules == Rules::alone) return fetch(number);
    if (setup_.rules == Rules::forget) machine.wait.key.clear();
    machine.asked.clear();
    Moment takes = asks_neighbours;
    for (const core::Neighbour& one : core::whom_to_ask(
             known_[domain_of(setup_, number)], [&](const std::string& key) { return is_out(machine, key); },
             machine.wait, [&] { return random_.next(); })) {
      machine.asked.push_back(numbers_.at(one.key));
      if (machines_[machine.asked.back()].left) takes = gives_up_search;
      count_question(machines_[machine.asked.back()]);
    }
    if (setup_.rules == Rules::forget) {
      machine.wait.asked.clear();
      machine.wait.more = false;
    }
    if (machine.asked.empty()) return fetch(number);
    goes_on(number, Stage::searching, takes, What::hears);
  }

  void count_question(Machine& of) {
    ++outcome_.questions;
    const Moment in = now_ / second;
    asked_in_ = in == asked_second_ ? asked_in_ + 1 : 1;
    asked_second_ = in;
    outcome_.most_questions_in_a_second = std::max(outcome_.most_questions_in_a_second, asked_in_);
    of.asked_of_it = in == of.asked_in ? of.asked_of_it + 1 : 1;
    of.asked_in = in;
    outcome_.most_asked_of_one = std::max(outcome_.most_asked_of_one, of.asked_of_it);
  }

  bool has_room(std::size_t number) const { return network_.takers(number) < given_at_once(setup_); }

  // adapters/neighbours/server, and engine/neighbourhood for what it tells of a file that comes.
  core::NeighbourAnswer answer_of(std::size_t number) const {
    const Machine& machine = machines_[number];
    core::NeighbourAnswer answer{.key = machine.key};
    const auto coming = [&](std::optional<double> far) {
      answer.has = core::NeighbourHas::coming;
      answer.rank = machine.rank;
      if (far) answer.offset = static_cast<std::uint64_t>(*far);
    };
    if (machine.liar || machine.stage == Stage::has) {
      answer.has = has_room(number) ? core::NeighbourHas::all : core::NeighbourHas::busy;
      return answer;
    }
    switch (machine.stage) {
      case Stage::searching:
      case Stage::waiting:
      case Stage::opening: coming(std::nullopt); break;
      case Stage::fetching: coming(machine.held + network_.came(seconds(), number)); break;
      case Stage::copying:
        if (!machine.given) coming(size_);
        break;
      default: break;
    }
    return answer;
  }

  void hear(std::size_t number) {
    Machine& machine = machines_[number];
    std::vector<core::NeighbourAnswer> answers;
    for (const std::size_t one : machine.asked)
      if (!machines_[one].left && !is_out(machine, machines_[one].key)) answers.push_back(answer_of(one));
    const base::BootTime now{base::Microseconds(now_)};
    core::NextSource next =
        core::next_source(answers, machine.rank, machine.wait, now, rules_.pending_wait.value,
                          static_cast<std::uint64_t>(size_), [&] { return random_.next(); });
    switch (next.kind) {
      case core::NextSource::Kind::origin: fetch(number); break;
      case core::NextSource::Kind::search: search(number); break;
      case core::NextSource::Kind::neighbour:
        machine.offers = std::move(next.offers);
        machine.wait = {};
        goes_on(number, Stage::opening, opens_part, What::opens);
        break;
      case core::NextSource::Kind::wait:
        outcome_.longest_standstill_s = std::max(
            outcome_.longest_standstill_s, std::chrono::duration<double>(now - machine.wait.since()).count());
        note_chain(number);
        goes_on(number, Stage::waiting, asks_again(number), What::searches);
        break;
    }
  }

  Moment asks_again(std::size_t number) const {
    const std::size_t known = known_[domain_of(setup_, number)].size() - 1;
    return static_cast<Moment>(
        (setup_.rules == Rules::forget ? core::asked_again_after : core::ask_again_after(known)).count());
  }

  void note_chain(std::size_t number) {
    std::size_t length = 0;
    std::size_t at = number;
    while (length < machines_.size() && !machines_[at].wait.key.empty()) {
      ++length;
      at = numbers_.at(machines_[at].wait.key);
    }
    outcome_.longest_chain = std::max(outcome_.longest_chain, length);
  }

  // From the origin, as long as it takes.
  void fetch(std::size_t number) {
    Machine& machine = machines_[number];
    machine.wait = {};
    machine.offers.clear();
    machine.stage = Stage::fetching;
    machine.given = false;
    ++machine.turn;
    network_.from_origin(seconds(), number, size_ - machine.held);
  }

  void open(std::size_t number) {
    Machine& machine = machines_[number];
    if (machine.offers.empty()) return search(number);
    const std::string& key = machine.offers.front().key;
    const std::size_t giver = numbers_.at(key);
    if (machines_[giver].left) return fail(number);
    if (!has_room(giver)) {
      if (!machine.refused.insert(key).second) return fail(number);
      machine.offers.erase(machine.offers.begin());
      return goes_on(number, Stage::opening, opens_part, What::opens);
    }
    machine.stage = Stage::taking;
    machine.given = true;
    machine.givers.insert(key);
    machine.generation = std::max(machine.generation, machines_[giver].generation + 1);
    ++machine.turn;
    network_.from_neighbour(seconds(), number, giver, size_ - machine.held);
  }

  void fail(std::size_t number) {
    Machine& machine = machines_[number];
    machine.failed.insert(machine.offers.front().key);
    std::erase_if(machine.offers, [&](const auto& one) { return machine.failed.contains(one.key); });
    if (machine.offers.empty() || machine.failed.size() >= neighbours_that_may_fail) return fetch(number);
    goes_on(number, Stage::opening, opens_part, What::opens);
  }

  void has_all(std::size_t number) {
    Machine& machine = machines_[number];
    network_.end(seconds(), number);
    const bool is_wrong = std::ranges::any_of(
        machine.givers, [&](const std::string& key) { return machines_[numbers_.at(key)].liar; });
    if (is_wrong) {
      ++outcome_.deceived;
      for (const std::string& key : machine.givers)
        machine.bans[key] = base::ServiceTime(base::Microseconds(now_)) + core::neighbour_ban;
      machine.held = 0;
      machine.generation = 0;
      machine.liars += std::exchange(machine.givers, {}).size();
      const bool origin_alone = setup_.origin_after_liar || machine.liars >= core::liars_that_may_follow;
      return origin_alone ? fetch(number) : search(number);
    }
    machine.held = size_;
    outcome_.took.push_back(static_cast<double>(now_ - machine.arrived) / 1e6);
    outcome_.done.push_back(seconds());
    outcome_.generations = std::max(outcome_.generations, machine.generation + 1);
    goes_on(number, Stage::copying, makes_copy, What::offers);
  }

  void leave(std::size_t number) {
    Machine& machine = machines_[number];
    machine.wait = {};
    if (machine.stage == Stage::fetching || machine.stage == Stage::taking) network_.end(seconds(), number);
    const std::vector<std::size_t> takers = network_.takers_of(number);
    for (const std::size_t taker : takers) {
      machines_[taker].held += network_.end(seconds(), taker);
      goes_on(taker, Stage::broken, misses_giver, What::misses);
    }
    machine.left = true;
    machine.stage = Stage::gone;
    ++machine.turn;
  }

  Outcome result() {
    outcome_.copies = network_.sent_by_origin() / size_;
    outcome_.wanting = static_cast<std::size_t>(std::ranges::count_if(
        machines_, [&](const Machine& one) { return !one.liar && (!one.left || one.held >= size_); }));
    std::ranges::sort(outcome_.took);
    const double begin = static_cast<double>(std::ranges::min(machines_, {}, &Machine::arrived).arrived) / 1e6;
    for (double& one : outcome_.done) one -= begin;
    return std::move(outcome_);
  }

  const Setup setup_;
  const core::NeighbourRules rules_{};
  const double size_;
  base::Prng random_;
  std::vector<std::vector<core::Neighbour>> known_;  // by broadcast domain
  std::vector<Machine> machines_;
  std::unordered_map<std::string, std::size_t> numbers_;
  Network network_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t number_ = 0;
  Moment now_ = 0;
  Moment asked_second_ = 0;
  std::uint64_t asked_in_ = 0;
  Outcome outcome_;
};

}  // namespace

Outcome run_neighbours(const Setup& setup) { return World(setup).run(); }

}  // namespace backhaul::fleet
