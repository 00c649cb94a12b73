// SPDX-License-Identifier: Apache-2.0
// Small steps of a main, shared with the service of the component tests.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/log.h"
#include "base/result.h"
#include "daemon/driver.h"
#include "daemon/footing.h"
#include "daemon/settings.h"
#include "engine/settings.h"

namespace backhaul::daemon {

engine::Settings engine_settings(const Settings& settings, const bus::Place& place);
mode_t current_umask();

int print(const std::string& text);  // EX_OK, or EX_IOERR when nobody takes it
// Logs why, and hands back the code.
int fail(base::Log& log, int code, const base::Error& why);
// A lost private bus is worth a new one, so the guardian starts us again; a session bus that is gone
// means that its session is over.
int exit_code(Driver::End end, const Footing& footing);

}  // namespace backhaul::daemon
