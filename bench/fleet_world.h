// SPDX-License-Identifier: Apache-2.0
// Machines of a fleet that want one file, over the rules of core/neighbours and a fluid network: who asks whom and
// when, what is answered, who waits for whom. Seeded; the same setup is the same world. What a machine does between two
// rules is that of engine/asking, in its order and with its delays, which docs/fleets.md lists.
#ifndef BACKHAUL_BENCH_FLEET_WORLD_H
#define BACKHAUL_BENCH_FLEET_WORLD_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace backhaul::fleet {

enum class Arrival : std::uint8_t {
  at_once,  // within a second
  apart,    // one after the other, `apart_s` seconds between them
  hour,     // somewhen within an hour
  waves,    // one broadcast domain after the other, ten minutes between them, each within a minute
};
enum class Rules : std::uint8_t {
  alone,   // nobody is asked
  forget,  // ten are asked at random each time, and those alone are known
  now,     // core as it stands
};

struct Setup {
  std::uint64_t seed = 1;
  std::size_t machines = 8;
  std::size_t domain = 500;           // machines of a broadcast domain, at most
  std::size_t domains_of_site = 1;    // that share a line to the origin
  double origin_mbit = 1000;
  double wan_mbit = 100;              // of each site
  double link_mbit = 1000;            // of each machine
  double give_mbit = 0;               // what it gives others; 0: as the rules say by themselves
  std::size_t given_at_once = 0;      // likewise
  double domain_mbit = 0;             // of what machines of a domain give each other; 0: never in the way
  double mib = 32;
  Arrival arrival = Arrival::at_once;
  double apart_s = 8;
  double leaving = 0;                 // share of those that leave, somewhen in the first minute
  double liars = 0;                   // share of those that want nothing, offer all, and send something else
  bool origin_after_liar = false;     // whoever was deceived asks the origin alone, as it once was
  Rules rules = Rules::now;
};

// Whatever way the bytes take.
struct Outcome {
  double copies = 0;                     // that the origin sent
  std::vector<double> done;              // seconds after the first arrival at which each has it, in order
  std::vector<double> took;              // seconds from its own arrival, in order
  std::size_t wanting = 0;               // machines that stayed, and are no liars
  // Neighbours alone:
  std::uint64_t questions = 0;
  std::uint64_t most_questions_in_a_second = 0;
  std::uint64_t most_asked_of_one = 0;   // within a second
  std::size_t longest_chain = 0;         // of machines that wait for each other
  std::size_t generations = 0;           // of copies, the origin's own first
  std::uint64_t deceived = 0;            // transfers of liars
  double longest_standstill_s = 0;       // that somebody waited for one that got no further

  double last() const { return took.empty() ? 0 : took.back(); }
  double median() const { return took.empty() ? 0 : took[took.size() / 2]; }
};

// When each machine begins to want it, in microseconds, by its number; the same for every way.
std::vector<std::uint64_t> arrivals_of(const Setup& setup);
std::size_t domain_of(const Setup& setup, std::size_t machine);
std::size_t site_of(const Setup& setup, std::size_t machine);
std::size_t domains_of(const Setup& setup);
std::size_t sites_of(const Setup& setup);
// Of a machine, in Mbit/s.
double given_by(const Setup& setup);
std::size_t given_at_once(const Setup& setup);

Outcome run_neighbours(const Setup& setup);

}  // namespace backhaul::fleet

#endif
