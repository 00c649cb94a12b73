// SPDX-License-Identifier: Apache-2.0
// What the head of the final response means for a file of which we hold `record.offset` bytes
// (docs/architecture.md, "The remote file"; http-and-network.md §2-3). Pure: the transport calls it
// in its header callback, the simulator and the tests call it with values.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "core/http.h"
#include "core/job.h"

namespace backhaul::core {

struct RemoteRecord {
  std::uint64_t offset = 0;     // what was asked for: "Range: bytes=<offset>-" unless 0
  RemoteIdentity identity;      // of the version the held bytes belong to
  std::uint32_t fruitless_restarts = 0;
};

enum class VerdictKind : std::uint8_t {
  append,    // the body continues at record.offset (0 included)
  restart,   // the body is a whole file from byte 0, and the held bytes are of another version or
             // cannot be continued: the sink begins a new epoch, the response is used
  refetch,   // neither: drop the response, ask again from byte 0 in a new epoch
  finished,  // 416 and the total equals our offset: everything is here, the body is not the file
  fail,      // `error` says why; the table of errors.md decides whether it is transient
};

struct Verdict {
  VerdictKind kind = VerdictKind::fail;
  RemoteIdentity identity;   // of the version the response speaks of
  base::Error error;         // for fail
};

// Redirects (followed before) and 401/407 never get here. Statuses other than 200, 206, 416 fail
// with http_code(status), context remote_file. A Content-Encoding that is not identity fails with
// BG_E_INVALID_SERVER_RESPONSE. A third fruitless restart fails with
// BG_E_INSUFFICIENT_RANGE_SUPPORT (or BG_E_MISSING_FILE_SIZE when no size was ever told).
Verdict judge(const RemoteRecord& record, const ResponseHead& head);

// Value of If-Range for a resume: Last-Modified if known, else the strong ETag, else empty (no
// If-Range is sent, and the 206's own total and validators decide).
std::string if_range_value(const RemoteIdentity& identity);

// Fatal, transient, or transient without a timer (errors.md §1, §2, §5).
enum class ErrorClass : std::uint8_t { fatal, transient, waits_for_event };
ErrorClass classify(base::Code code);

}  // namespace backhaul::core
