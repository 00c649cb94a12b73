// SPDX-License-Identifier: Apache-2.0
// How a service begins to answer, and what it does until it ends: the same in both mains. Each makes its
// own parts, so the adapters are seen here and nowhere else in the library.
#pragma once

#include <sysexits.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "adapters/dbus/dbus_adapter.h"
#include "adapters/posix/account_watch.h"
#include "adapters/sqlite/place_watch.h"
#include "daemon/acting.h"
#include "daemon/driver.h"
#include "daemon/footing.h"
#include "daemon/policy_listing.h"
#include "daemon/start.h"
#include "engine/engine.h"

namespace backhaul::daemon {

// The settings are read again: what they lay down holds when the engine has taken it up, and what is to be said of them is
// said then; the rest holds from the next start on. Where they cannot be understood all stays as it was.
inline base::Result<ports::PolicyChanged> reread(const Footing& footing) {
  auto loaded = load_settings(footing.settings_places);
  if (!loaded) {
    footing.log->write(base::LogLevel::error, loaded.error().text + "; the settings stay as they were");
    return std::move(loaded).error();
  }
  return ports::PolicyChanged{
      policy_of(loaded->settings, after_reload(*footing.policy.list, std::move(loaded->list))),
      std::move(loaded->warnings)};
}

// How it is on the bus: that of one user answers that user and has classes registered for it, that of the
// machine answers everybody, and tells nobody of the jobs of others.
inline dbus::Settings bus_settings(const Footing& footing, const bus::Place& place, posix::AccountWatch& accounts,
                                   Acting& acting, std::string version) {
  dbus::Settings settings{.version = std::move(version)};
  settings.hold_directory = acting.holder_of_directories();
  settings.reread = [&footing] { return reread(footing); };
  if (footing.is_machines()) {
    settings.served.reset();
    settings.audience = dbus::Audience::callers;
    settings.asks_polkit = true;
    settings.schedules_downloads = footing.settings.mogwai;
    settings.account_name = [&accounts](std::uint32_t uid, posix::AccountWatch::Named named) {
      accounts.name_of(uid, std::move(named));
    };
    if (posix::Messengers* messengers = acting.messengers())
      settings.in_sessions = {.notify = [messengers](ports::Notification told) { messengers->notify(std::move(told)); },
                              .release = [messengers](const base::JobId& job) { messengers->release_instance(job); }};
  } else {
    settings.service_dir = place.service_dir();
    settings.unit_dir = place.unit_dir();
  }
  return settings;
}

// The exit code if it cannot.
inline std::optional<int> begin_to_answer(Footing& footing, dbus::DbusAdapter& clients,
                                          engine::Engine& engine) {
  if (auto served = clients.serve(engine); !served) return fail(footing, EX_UNAVAILABLE, served.error());
  if (auto named = clients.request_name(); !named) return fail(footing, EX_TEMPFAIL, named.error());
  if (auto recovered = engine.recover(); !recovered) return fail(footing, EX_IOERR, recovered.error());
  if (auto told = announce(footing); !told) return fail(footing, EX_CANTCREAT, told.error());
  return std::nullopt;
}

// When somebody sends SIGHUP.
inline void reload(const Footing& footing, ports::Inbox& inbox) {
  if (auto settings = reread(footing)) inbox.post(*std::move(settings));
}

// Until somebody asks it to end, or nobody needs it; its exit code.
inline int serve_until_the_end(loop::Loop& loop, Footing& footing, Guarded& guarded, Driver& driver,
                               dbus::DbusAdapter& clients, engine::Engine& engine) {
  sqlite::PlaceWatch place(loop, footing.in_state("queue.db"), *footing.log, [&driver] { driver.give_up_queue(); });
  guarded.readiness.tell();
  guarded.ever_ready = true;
  driver.on_work([&footing](bool left) { footing.instance.note_work_left(left); });  // a crash will not say so
  driver.also_needed([&clients, &footing] { return footing.stays || clients.schedules_downloads(); });
  const Driver::End end = driver.run(engine);
  if (end == Driver::End::queue_damaged && !place.is_there())
    tell_of_lost_queue(footing, guarded, engine.table().size());
  footing.instance.note_work_left(engine.has_work());
  clients.close();
  guarded.asked_to_end = end == Driver::End::asked;
  return exit_code(end, footing);
}

}  // namespace backhaul::daemon
