// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/changes.h"

#include <chrono>
#include <utility>

namespace backhaul::dbus {
namespace {

using namespace std::chrono_literals;

constexpr base::Microseconds pause = 500ms;
constexpr base::Microseconds timer_accuracy = 10ms;

}  // namespace

Changes::Changes(loop::Loop& loop, Announcer& announcer)
    : loop_(loop),
      announcer_(announcer),
      timer_(loop, timer_accuracy, [this] { run_due(); }),
      flush_(loop, loop::Order::turn, [this] { flush(); }) {}

void Changes::added(const base::JobId& job) {
  say({.kind = News::Kind::added, .job = job});
}

void Changes::changed(const base::JobId& job, ports::Properties properties, bool urgent) {
  const base::BootTime now = loop_.now();
  Recent& recent = recent_[job];
  recent.pending |= properties;
  if (urgent || recent.quiet_until <= now) tell(job, recent, now);
}

void Changes::tell(const base::JobId& job, Recent& recent, base::BootTime now) {
  say({.kind = News::Kind::changed, .job = job, .properties = recent.pending});
  recent = {0, now + pause};
  due_.push_back({recent.quiet_until, job});
  if (!timer_.armed()) timer_.arm(due_.front().when);
}

void Changes::run_due() {
  const base::BootTime now = loop_.now();
  while (!due_.empty() && due_.front().when <= now) {
    const Due due = due_.front();
    due_.pop_front();
    const auto found = recent_.find(due.job);
    if (found == recent_.end() || found->second.quiet_until != due.when) continue;
    if (found->second.pending == 0)
      recent_.erase(found);
    else
      tell(due.job, found->second, now);
  }
  if (!due_.empty()) timer_.arm(due_.front().when);
}

void Changes::removed(const base::JobId& job) {
  if (const auto found = recent_.find(job); found != recent_.end()) {
    if (found->second.pending != 0) tell(job, found->second, loop_.now());
    recent_.erase(job);
  }
  // Of many that end together not all rows are there when the turn is over.
  say({.kind = News::Kind::removed, .job = job, .hearers = announcer_.may_read(job)});
}

void Changes::say(News news) {
  news_.push_back(std::move(news));
  flush_.schedule();
}

void Changes::flush() {
  for (const News& news : std::exchange(news_, {})) {
    switch (news.kind) {
      case News::Kind::added: announcer_.added(news.job); break;
      case News::Kind::changed: announcer_.changed(news.job, news.properties); break;
      case News::Kind::removed: announcer_.removed(news.job, news.hearers); break;
    }
  }
  announcer_.tell_idle();
}

}  // namespace backhaul::dbus
