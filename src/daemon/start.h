// SPDX-License-Identifier: Apache-2.0
// Small steps of a main, shared with the service of the component tests.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "daemon/driver.h"
#include "daemon/footing.h"
#include "daemon/settings.h"
#include "engine/settings.h"

namespace backhaul::daemon {

engine::Settings engine_settings(const Footing& footing, const bus::Place& place);
mode_t current_umask();

// Prints what is to be said of a file of settings (check_settings), a line for each; an exit code.
int print_check(const Options& options);
int print(const std::string& text);  // EX_OK, or EX_IOERR when nobody takes it
// Logs why, leaves it for the client that waits, and hands back the code.
int fail(const Footing& footing, int code, const base::Error& why);
// The service answers where its footing says: nobody has to be told why not any more.
base::Result<void> announce(Footing& footing);
// The command line cannot be understood.
int wrong_use(bool system, const bus::Place& place, const std::string& what);
// How this program saves rows from a damaged queue in a second process.
std::vector<std::string> salvage_command();
// … and asks for proxies in another.
std::vector<std::string> find_proxy_command();
// A lost private bus is worth a new one, and that of the machine comes back, so the guardian starts us again; a
// session bus that is gone means that its session is over. A damaged queue is repaired by the next start.
int exit_code(Driver::End end, const Footing& footing);
// Its folder was taken away while it ran, and what is logged there with it: so it is said to the service that comes
// next as well.
void tell_of_lost_queue(const Footing& footing, const Guarded& guarded, std::size_t jobs);
// Some threads hang in a file system that does not answer, and may come back at any time: all that they
// use stays where it is until the process has ended. The queue is given back to whoever comes next.
[[noreturn]] void leave_behind(std::size_t threads, Footing& footing, const Guarded& guarded,
                               const bus::Place& place, int code);

}  // namespace backhaul::daemon
