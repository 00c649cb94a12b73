// SPDX-License-Identifier: Apache-2.0
#include "core/waiting.h"

#include <array>
#include <chrono>
#include <cstddef>

namespace backhaul::core {

std::string duration_text(std::chrono::seconds time) {
  const std::int64_t seconds = time.count();
  struct Unit {
    std::int64_t seconds;
    std::string_view name;
  };
  static constexpr std::array<Unit, 4> units{{{86'400, "d"}, {3'600, "h"}, {60, "min"}, {1, "s"}}};
  for (std::size_t i = 0; i < units.size(); ++i) {
    const std::int64_t count = seconds / units[i].seconds;
    if (count == 0) continue;
    std::string text = std::to_string(count) + " " + std::string(units[i].name);
    if (i + 1 < units.size()) {
      const Unit& smaller = units[i + 1];
      const std::int64_t rest = seconds % units[i].seconds / smaller.seconds;
      if (rest != 0) text += " " + std::to_string(rest) + " " + std::string(smaller.name);
    }
    return text;
  }
  return "0 s";
}

namespace {

// " for 3 min", or nothing while it is shorter than a second, unknown, or the clock was set back.
std::string for_since(const Waiting& waiting, base::WallTime now) {
  if (waiting.since == base::WallTime{} || now < waiting.since) return {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now - waiting.since);
  return seconds.count() > 0 ? " for " + duration_text(seconds) : std::string();
}

// " in 4 min 10 s", " now" when the moment has come; nothing when nobody knows it.
std::string in_until(const Waiting& waiting, base::WallTime now) {
  if (waiting.until == base::WallTime{}) return {};
  if (waiting.until <= now) return " now";
  const auto left = std::chrono::ceil<std::chrono::seconds>(waiting.until - now);
  return " in " + duration_text(left);
}

// What somebody else wrote as a sentence becomes part of ours.
std::string within_sentence(std::string text) {
  while (text.ends_with('.')) text.pop_back();
  return text;
}

std::string after_argument(const Waiting& waiting) {
  if (waiting.arguments.empty() || waiting.arguments.front().empty()) return {};
  return " after " + within_sentence(waiting.arguments.front());
}

// Its program is told when there is a session to start it in.
std::string told_later(const Waiting& waiting) {
  return waiting.arguments.size() < 2 ? std::string() : "; " + waiting.arguments[1] + " is told when its owner logs in";
}

std::string complete_text(const Waiting& waiting, const std::string& since) {
  const bool is_in_doubt = !waiting.arguments.empty() && !waiting.arguments.front().empty();
  return "transferred" +
         (is_in_doubt ? ", but not in place: " + within_sentence(waiting.arguments.front()) : std::string()) +
         "; waiting to be completed" + since + told_later(waiting);
}

std::string turn_text(const Waiting& waiting) {
  const std::string before = waiting.arguments.empty() ? "0" : waiting.arguments.front();
  if (before == "0") return "waiting for its turn";
  return "waiting for its turn behind " + before + (before == "1" ? " other job" : " other jobs");
}

std::string retry_text(const Waiting& waiting, base::WallTime now) {
  if (waiting.until == base::WallTime{})
    return "waiting until it can be tried again" + after_argument(waiting);
  return "retry" + in_until(waiting, now) + after_argument(waiting);
}

std::string address_text(const Waiting& waiting, base::WallTime now) {
  const std::string end = in_until(waiting, now);
  return "waiting for a new address" + after_argument(waiting) +
         (end.empty() ? std::string() : "; given up" + end);
}

std::string cost_text(const Waiting& waiting) {
  if (waiting.arguments.size() < 2) return "waiting for a network that costs less";
  return "waiting for another network: this one is " + waiting.arguments[0] +
          ", and the job takes " + waiting.arguments[1];
}

std::string budget_text(const Waiting& waiting, base::WallTime now) {
  const bool named = !waiting.arguments.empty() && !waiting.arguments.front().empty();
  const std::string again = in_until(waiting, now);
  return "the data budget of " + (named ? "the network " + waiting.arguments.front() : std::string("this network")) +
         " is used up" + for_since(waiting, now) + (again.empty() ? "" : "; it goes on" + again);
}

std::string first_or(const Waiting& waiting, const char* otherwise) {
  return waiting.arguments.empty() ? otherwise : waiting.arguments.front();
}

// What keeps somebody from the end, beside how long it takes.
std::string silent_file_system(const std::string& directory) {
  return "the file system of " + directory + ", which does not answer";
}

std::string closing_text(const Waiting& waiting, const std::string& since) {
  const std::string what = first_or(waiting, "");
  const std::string text = (what == "complete" ? "being completed"
                            : what == "cancel" ? "being cancelled"
                            : what == "take"   ? "being taken over"
                                               : "being closed") +
                           since;
  return waiting.arguments.size() < 2 ? text : text + "; waiting for " + silent_file_system(waiting.arguments[1]);
}

std::string answer_text(const Waiting& waiting, const std::string& since) {
  const std::string host = first_or(waiting, "the server");
  if (waiting.arguments.size() > 1) return "waiting for more from " + host + "; nothing has been stored" + since;
  return "waiting" + since + " for " + host + ", which does not answer";
}

// The wish of a server is for all jobs, or for all of one owner: who was not told itself would look for its own request in
// vain.
std::string server_text(const Waiting& waiting, base::WallTime now) {
  const std::string told = waiting.arguments.size() < 2 ? "" : waiting.arguments[1];
  const char* const asked = told.empty() ? " says to come back later (Retry-After)"
                            : told == "own"
                                ? " told another job of this owner to come back later, and all jobs of this owner that go there wait"
                                : " told another job to come back later, and all that go there wait";
  return first_or(waiting, "the server") + asked + "; next try" + in_until(waiting, now);
}

std::string storage_text(const Waiting& waiting, base::WallTime now) {
  const std::string why = within_sentence(first_or(waiting, ""));
  const std::string again = in_until(waiting, now);
  return "the queue cannot be written" + for_since(waiting, now) + (why.empty() ? "" : " (" + why + ")") +
         (again.empty() ? "" : "; next try" + again);
}

// Told of the service, since the job has nothing to do with it.
std::string shortage_text(const Waiting& waiting, base::WallTime now) {
  std::string text = "the service is short of room to work";
  if (!waiting.arguments.empty() && !waiting.arguments.front().empty())
    text += " (" + waiting.arguments.front() + ")";
  const std::string again = in_until(waiting, now);
  return text + (again.empty() ? "; waiting until it can be tried again" : "; next try" + again);
}

}  // namespace

std::string_view to_word(WaitingKind kind) {
  switch (kind) {
    case WaitingKind::nothing: return "nothing";
    case WaitingKind::start: return "start";
    case WaitingKind::files: return "files";
    case WaitingKind::turn: return "turn";
    case WaitingKind::network: return "network";
    case WaitingKind::retry: return "retry";
    case WaitingKind::server: return "server";
    case WaitingKind::storage: return "storage";
    case WaitingKind::owner_complete: return "owner-complete";
    case WaitingKind::owner_error: return "owner-error";
    case WaitingKind::closing: return "closing";
    case WaitingKind::address: return "address";
    case WaitingKind::certificate: return "certificate";
    case WaitingKind::shortage: return "shortage";
    case WaitingKind::sleep: return "sleep";
    case WaitingKind::login: return "login";
    case WaitingKind::logon: return "logon";
    case WaitingKind::ticket: return "ticket";
    case WaitingKind::cost: return "cost";
    case WaitingKind::battery: return "battery";
    case WaitingKind::power_saver: return "power-saver";
    case WaitingKind::bandwidth: return "bandwidth";
    case WaitingKind::budget: return "budget";
    case WaitingKind::demand: return "demand";
    case WaitingKind::directory: return "directory";
    case WaitingKind::account: return "account";
    case WaitingKind::answer: return "answer";
    case WaitingKind::policy: return "policy";
    case WaitingKind::neighbour: return "neighbour";
  }
  return "unknown";
}

std::string render(const Waiting& waiting, base::WallTime now) {
  const std::string since = for_since(waiting, now);
  switch (waiting.kind) {
    case WaitingKind::nothing: return "not waiting";
    case WaitingKind::start:
      if (waiting.arguments.empty()) return "suspended" + since + "; waiting to be started";
      return "suspended because " + waiting.arguments.front() +
             "; look at its files, then start or cancel it";
    case WaitingKind::files: return "has no files; waiting for files to be added";
    case WaitingKind::turn: return turn_text(waiting) + since;
    case WaitingKind::network: return "waiting for the network" + since;
    case WaitingKind::retry: return retry_text(waiting, now);
    case WaitingKind::server: return server_text(waiting, now);
    case WaitingKind::storage: return storage_text(waiting, now);
    case WaitingKind::owner_complete: return complete_text(waiting, since);
    case WaitingKind::owner_error:  // whether Complete would keep anything is not known here
      return "stopped" + since + after_argument(waiting) +
             "; waiting to be started again or ended" + told_later(waiting);
    case WaitingKind::closing: return closing_text(waiting, since);
    case WaitingKind::address: return address_text(waiting, now);
    case WaitingKind::certificate:
      return "waiting for the program's word on the certificate of " +
             (waiting.arguments.empty() ? "the server" : waiting.arguments.front()) + since;
    case WaitingKind::shortage: return shortage_text(waiting, now);
    case WaitingKind::sleep: return "waiting until the machine has slept";
    case WaitingKind::login:
      return "waiting for somebody to log in to the network, which shows a login page" + since;
    case WaitingKind::logon: return "waiting for its owner to log on" + since;
    case WaitingKind::ticket:
      return "waiting" + since + " for another login: that of its owner's session is not to be had by the service of "
             "the machine";
    case WaitingKind::cost: return cost_text(waiting) + since;
    case WaitingKind::battery: return "waiting for mains power" + since;
    case WaitingKind::power_saver: return "waiting for the end of power saving" + since;
    case WaitingKind::bandwidth: {
      const std::string again = in_until(waiting, now);
      return "the bandwidth schedule leaves its priority nothing now" +
             (again.empty() ? since : "; it goes on" + again);
    }
    case WaitingKind::budget: return budget_text(waiting, now);
    case WaitingKind::demand:
      return "everything that was asked for is here; waiting for a program to ask for more and start it" + since;
    case WaitingKind::directory:
      return "waiting" + since + " for " + silent_file_system(first_or(waiting, "its directory"));
    case WaitingKind::account:
      return "waiting for its owner" + since + ": " + first_or(waiting, "the account is not what it was");
    case WaitingKind::answer: return answer_text(waiting, since);
    case WaitingKind::policy:
      return "waiting because the settings let no job fetch from " + first_or(waiting, "its server") + since;
    case WaitingKind::neighbour:
      return "waiting" + since + " for " + first_or(waiting, "a neighbour") + ", which fetches the same file";
  }
  return "waiting";
}

}  // namespace backhaul::core
