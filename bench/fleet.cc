// SPDX-License-Identifier: Apache-2.0
// A fleet that wants one file, simulated over the rules of core/neighbours (docs/fleets.md): tables in Markdown, and
// with a folder curves as SVG. The same seed prints the same, to the octet.
// Usage: fleet [--seed N] [--pictures FOLDER] [TABLE…]; tables: measured size sizes arrival fleet trouble
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "bench/fleet_others.h"
#include "bench/fleet_picture.h"
#include "bench/fleet_world.h"

namespace {

using namespace backhaul::fleet;

constexpr double cache_mbit = 1000;

struct Row {
  double copies = 0, last = 0, median = 0;
  double questions = 0;       // of a machine
  double most_in_second = 0;  // of all
  double most_of_one = 0;     // asked of one, within a second
  double chain = 0, generations = 0, deceived = 0, standstill = 0, missing = 0;
};

Row row_of(const Outcome& outcome) {
  const auto number = [](auto value) { return static_cast<double>(value); };
  return {.copies = outcome.copies,
          .last = outcome.last(),
          .median = outcome.median(),
          .questions = number(outcome.questions) / std::max(1.0, number(outcome.wanting)),
          .most_in_second = number(outcome.most_questions_in_a_second),
          .most_of_one = number(outcome.most_asked_of_one),
          .chain = number(outcome.longest_chain),
          .generations = number(outcome.generations),
          .deceived = number(outcome.deceived),
          .standstill = outcome.longest_standstill_s,
          .missing = number(outcome.wanting) - number(outcome.took.size())};
}

// The middle one of each figure; one run where there are thousands of machines.
Row run(Setup setup) {
  const int runs = setup.machines > 1000 || setup.rules == Rules::alone ? 1 : 3;
  std::vector<Row> rows;
  for (int i = 0; i < runs; ++i) {
    rows.push_back(row_of(run_neighbours(setup)));
    ++setup.seed;
  }
  const auto middle = [&](double Row::*figure) {
    std::ranges::sort(rows, {}, figure);
    return rows[rows.size() / 2].*figure;
  };
  Row row;
  for (double Row::*figure : {&Row::copies, &Row::last, &Row::median, &Row::questions, &Row::most_in_second,
                              &Row::most_of_one, &Row::chain, &Row::generations, &Row::deceived, &Row::standstill,
                              &Row::missing})
    row.*figure = middle(figure);
  return row;
}

Row run(Setup setup, Rules rules) {
  setup.rules = rules;
  return run(setup);
}

std::string amount(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 9.95 ? "%.1f" : "%.0f", value);
  return text;
}

std::string time_text(double seconds) {
  char text[32];
  if (seconds < 9.95)
    std::snprintf(text, sizeof text, "%.1f s", seconds);
  else if (seconds < 600)
    std::snprintf(text, sizeof text, "%.0f s", seconds);
  else if (seconds < 36000)
    std::snprintf(text, sizeof text, "%.0f min", seconds / 60);
  else
    std::snprintf(text, sizeof text, "%.0f h", seconds / 3600);
  return text;
}

std::string size_text(double mib) {
  const bool small = mib < 1024;
  return std::to_string(static_cast<int>(small ? mib : mib / 1024)) + (small ? " MiB" : " GiB");
}

void head(const char* title, const std::vector<const char*>& columns) {
  std::printf("\n### %s\n\n|", title);
  for (const char* one : columns) std::printf(" %s |", one);
  std::printf("\n|");
  for (std::size_t i = 0; i < columns.size(); ++i) std::printf("---|");
  std::printf("\n");
}

void line(const std::vector<std::string>& cells) {
  std::printf("|");
  for (const std::string& one : cells) std::printf(" %s |", one.c_str());
  std::printf("\n");
  std::fflush(stdout);
}

std::string both(const Row& row) { return amount(row.copies) + " / " + time_text(row.last); }
std::string both(const Outcome& outcome) { return both(row_of(outcome)); }

// Beside what bench/neighbours measured: eight machines behind 40 Mbit/s that give as fast as they can.
void table_measured(Setup setup) {
  setup.origin_mbit = setup.wan_mbit = 40;
  setup.give_mbit = 950;
  head("Eight machines, as bench/neighbours measures them", {"", "copies", "last", "median"});
  for (const auto& [name, arrival, rules] :
       {std::tuple("at once, no neighbours", Arrival::at_once, Rules::alone),
        std::tuple("at once", Arrival::at_once, Rules::now), std::tuple("one every 8 s", Arrival::apart, Rules::now)}) {
    setup.arrival = arrival;
    const Row row = run(setup, rules);
    line({name, amount(row.copies), time_text(row.last), time_text(row.median)});
  }
}

constexpr std::size_t sizes_of_domain[] = {8, 16, 32, 64, 125, 250, 500};

void table_machines(Setup setup) {
  head("Machines of one broadcast domain, 32 MiB, all at once: copies / last machine",
       {"machines", "alone", "ten forgotten", "neighbours", "median", "questions of each", "asked of one in a second",
        "generations", "chain", "swarm, bound", "site cache, bound"});
  for (const std::size_t machines : sizes_of_domain) {
    setup.machines = machines;
    const Row now = run(setup, Rules::now);
    line({std::to_string(machines), both(run(setup, Rules::alone)), both(run(setup, Rules::forget)), both(now),
          time_text(now.median), amount(now.questions), amount(now.most_of_one), amount(now.generations),
          amount(now.chain), both(run_swarm(setup)), both(run_cache(setup, cache_mbit))});
  }
}

void table_sizes(Setup setup) {
  head("Sizes, all at once: copies / last machine",
       {"machines", "size", "alone", "neighbours", "median", "longest standstill", "one at a time, half a link",
        "swarm, bound", "site cache, bound"});
  for (const std::size_t machines : {10U, 50U, 250U})
    for (const double mib : {1.0, 32.0, 256.0, 1024.0, 4096.0}) {
      setup.machines = machines;
      setup.mib = mib;
      const Row now = run(setup, Rules::now);
      Setup other = setup;
      other.given_at_once = 1;
      other.give_mbit = setup.link_mbit / 2;
      line({std::to_string(machines), size_text(mib), both(run(setup, Rules::alone)), both(now), time_text(now.median),
            time_text(now.standstill), both(run(other, Rules::now)), both(run_swarm(setup)),
            both(run_cache(setup, cache_mbit))});
    }
}

void table_arrival(Setup setup) {
  head("One broadcast domain over an hour: copies / last machine after its own arrival",
       {"machines", "size", "alone", "ten forgotten", "neighbours", "median", "questions of each", "swarm, bound",
        "site cache, bound"});
  setup.arrival = Arrival::hour;
  for (const std::size_t machines : {50U, 250U})
    for (const double mib : {32.0, 1024.0}) {
      setup.machines = machines;
      setup.mib = mib;
      const Row now = run(setup, Rules::now);
      line({std::to_string(machines), size_text(mib), both(run(setup, Rules::alone)), both(run(setup, Rules::forget)),
            both(now), time_text(now.median), amount(now.questions), both(run_swarm(setup)),
            both(run_cache(setup, cache_mbit))});
    }
}

void fleet_row(const std::string& name, const Setup& setup, bool with_forgotten = false) {
  const Row now = run(setup, Rules::now);
  line({name, both(run(setup, Rules::alone)), with_forgotten ? both(run(setup, Rules::forget)) : "", both(now),
        time_text(now.median), amount(now.most_in_second), both(run_swarm(setup)), both(run_cache(setup, cache_mbit))});
}

void table_fleet(Setup first) {
  head("10,000 machines, 32 MiB, domains of 250: copies / last machine after its own arrival",
       {"", "alone", "ten forgotten", "neighbours", "median", "questions in the fullest second", "swarm, bound",
        "site cache, bound"});
  first.machines = 10'000;
  first.domain = 250;
  Setup setup = first;
  for (const auto& [name, arrival] : {std::pair("at once", Arrival::at_once), std::pair("over an hour", Arrival::hour),
                                      std::pair("in waves", Arrival::waves)}) {
    setup.arrival = arrival;
    fleet_row(std::string("40 sites, ") + name, setup, arrival == Arrival::at_once);
  }
  setup = first;
  setup.domains_of_site = 40;
  setup.wan_mbit = 1000;
  fleet_row("one site with a line of 1 Gbit/s, at once", setup);
  setup.wan_mbit = 100;
  fleet_row("one site with a line of 100 Mbit/s, at once", setup);
  setup = first;
  setup.domain = 25;
  fleet_row("400 sites of 25, at once", setup);
  setup.domain = 500;
  fleet_row("20 sites of 500, at once", setup);
  setup = first;
  setup.mib = 1024;
  fleet_row("40 sites, 1 GiB, at once", setup);
}

void trouble_row(const char* name, const Setup& setup) {
  const Row now = run(setup, Rules::now);
  line({name, amount(now.copies), time_text(now.last), time_text(now.median), amount(now.deceived),
        time_text(now.standstill), amount(now.missing)});
}

void table_trouble(const Setup& first) {
  head("250 machines of one domain, 32 MiB, all at once, in trouble",
       {"", "copies", "last", "median", "deceived", "longest standstill", "without it"});
  Setup usual = first;
  usual.machines = 250;
  trouble_row("none", usual);
  for (const auto& [name, share] :
       {std::pair("10 % leave in the first minute", 0.1), std::pair("30 % leave in the first minute", 0.3)}) {
    Setup setup = usual;
    setup.leaving = share;
    trouble_row(name, setup);
  }
  for (const auto& [name, share, origin_alone] :
       {std::tuple("1 % are liars", 0.01, false), std::tuple("3 % are liars", 0.03, false),
        std::tuple("1 %, and the deceived ask the origin alone", 0.01, true),
        std::tuple("3 %, and the deceived ask the origin alone", 0.03, true)}) {
    Setup setup = usual;
    setup.liars = share;
    setup.origin_after_liar = origin_alone;
    trouble_row(name, setup);
  }
  Setup setup = usual;
  setup.domain_mbit = 200;
  trouble_row("all of them share 200 Mbit/s, as radio does", setup);
  setup = usual;
  setup.wan_mbit = 10;
  trouble_row("a line of 10 Mbit/s to the origin", setup);
}

struct Look {
  const char* name;
  const char* colour;
};
constexpr Look alone{"nobody is asked", "#808080"};
constexpr Look forgotten{"ten at random, forgotten each time", "#8c2f39"};
constexpr Look neighbours{"neighbours", "#3b6ea5"};
constexpr Look swarm{"a swarm (bound)", "#c9772b"};
constexpr Look cache{"a site cache of 1 Gbit/s (bound)", "#4f8f4f"};

Curve curve(const Look& look, std::vector<std::pair<double, double>> points = {}) {
  return {look.name, look.colour, std::move(points)};
}

// Which part of them has it, by time.
Curve shares(const Look& look, const Outcome& outcome) {
  std::vector<std::pair<double, double>> points{{0.0, 0.0}};
  const auto all = static_cast<double>(outcome.wanting);
  const std::size_t step = std::max<std::size_t>(1, outcome.done.size() / 400);
  for (std::size_t i = 0; i < outcome.done.size(); i += step)
    points.emplace_back(outcome.done[i], 100 * static_cast<double>(i + 1) / all);
  if (!outcome.done.empty())
    points.emplace_back(outcome.done.back(), 100 * static_cast<double>(outcome.done.size()) / all);
  return curve(look, std::move(points));
}

std::string picture_of_time(const std::string& title, Setup setup, double most, std::vector<double> marks) {
  const auto with = [&](Rules rules) {
    setup.rules = rules;
    return run_neighbours(setup);
  };
  const std::vector<Curve> curves{shares(alone, with(Rules::alone)), shares(forgotten, with(Rules::forget)),
                                  shares(neighbours, with(Rules::now)), shares(swarm, run_swarm(setup)),
                                  shares(cache, run_cache(setup, cache_mbit))};
  return picture(title, {"seconds", 1, most, true, std::move(marks)}, {"% have it", 0, 100, false, {0, 50, 100}},
                 curves);
}

std::string picture_of_copies(Setup setup) {
  std::vector<Curve> curves{curve(alone), curve(forgotten), curve(neighbours)};
  for (const std::size_t machines : sizes_of_domain) {
    setup.machines = machines;
    const auto x = static_cast<double>(machines);
    curves[0].points.emplace_back(x, x);
    curves[1].points.emplace_back(x, run(setup, Rules::forget).copies);
    curves[2].points.emplace_back(x, run(setup, Rules::now).copies);
  }
  return picture("Copies that the origin sends to one broadcast domain, 32 MiB, all at once",
                 {"machines", 8, 500, true, {8, 16, 32, 64, 125, 250, 500}},
                 {"copies", 1, 500, true, {1, 10, 100, 500}}, curves);
}

void write_pictures(const Setup& setup, const std::string& folder) {
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream file(folder + "/" + name);
    file << text;
    if (!file.flush()) {
      std::fprintf(stderr, "fleet: %s/%s cannot be written\n", folder.c_str(), name);
      std::exit(1);
    }
  };
  write("fleet-copies.svg", picture_of_copies(setup));
  Setup site = setup;
  site.machines = 250;
  write("fleet-site.svg", picture_of_time("250 machines of one site behind 100 Mbit/s, 32 MiB, all at once", site, 1000,
                                          {1, 3, 10, 30, 100, 300, 1000}));
  Setup fleet = setup;
  fleet.machines = 10'000;
  fleet.domain = 250;
  write("fleet-10000.svg",
        picture_of_time("10,000 machines, 40 sites behind 100 Mbit/s each, origin 1 Gbit/s, 32 MiB, all at once",
                        fleet, 3000, {1, 3, 10, 30, 100, 300, 1000, 3000}));
}

}  // namespace

int main(int count, char** arguments) {
  using Table = std::pair<std::string_view, std::function<void(const Setup&)>>;
  const std::vector<Table> tables = {
      {"measured", table_measured}, {"size", table_machines}, {"sizes", table_sizes},
      {"arrival", table_arrival},   {"fleet", table_fleet},   {"trouble", table_trouble}};
  Setup setup;
  std::string folder;
  std::vector<std::string_view> wanted;
  for (int i = 1; i < count; ++i) {
    const std::string_view one = arguments[i];
    if (one == "--seed" && i + 1 < count)
      setup.seed = std::strtoull(arguments[++i], nullptr, 10);
    else if (one == "--pictures" && i + 1 < count)
      folder = arguments[++i];
    else if (std::ranges::find(tables, one, &Table::first) != tables.end())
      wanted.push_back(one);
    else {
      std::fprintf(stderr,
                   "usage: fleet [--seed N] [--pictures FOLDER] [measured|size|sizes|arrival|fleet|trouble…]\n");
      return 2;
    }
  }
  for (const auto& [name, table] : tables)
    if (wanted.empty() || std::ranges::find(wanted, name) != wanted.end()) table(setup);
  if (!folder.empty()) write_pictures(setup, folder);
}
