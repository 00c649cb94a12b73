// SPDX-License-Identifier: Apache-2.0
// Everything of the client library.
#ifndef BACKHAUL_BACKHAUL_H
#define BACKHAUL_BACKHAUL_H

#include "backhaul/callback.h"
#include "backhaul/certificate_validator.h"
#include "backhaul/class_server.h"
#include "backhaul/client.h"
#include "backhaul/codes.h"
#include "backhaul/job.h"
#include "backhaul/metalink.h"
#include "backhaul/result.h"
#include "backhaul/threads.h"
#include "backhaul/types.h"

#endif
