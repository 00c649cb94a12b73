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
  std::uint32_t fruitless_restarts = 0;  // core::File: those that did not pass the high-water mark
};

inline constexpr std::uint32_t fruitless_restarts_max = 3;

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
// with http_code(status), context remote_file; so does a 416 to a request without a range. A
// Content-Encoding that is not identity fails with BG_E_INVALID_SERVER_RESPONSE.
//
// Same version (files.md §6, http-and-network.md §2): of what both sides tell, nothing differs, and
// at least one thing is told by both. The size counts always; then Last-Modified; strong ETags too,
// although CDN nodes differ in them: until the overlap check of part D exists, a difference begins
// anew. Weak ETags never count. What a 206 leaves out (RFC 9110 §15.3.7) differs in nothing.
//
//   offset 0:   200, or a 206 with the whole file      append
//               206 with anything else                 fail, BG_E_INVALID_SERVER_RESPONSE: no
//                                                      range was asked for
//   offset > 0: 206 from offset, same version          append; a 206 may end before the file
//                                                      does: only identity.size tells its end
//               206 from offset, total unknown to all  refetch: nobody could tell its end
//               206 of another version                 refetch
//               206 with another start, without or     refetch: a server whose ranges are
//               with a malformed Content-Range         broken still sends whole files
//               200                                    restart; of the same version: the server
//                                                      does not do ranges, `resumable` is no
//               416, its total is our offset and       finished
//               nothing speaks for another version
//               416 otherwise                          refetch
//
// A restart or refetch that would be the fourth without passing the high-water mark (the record
// says 3) fails with BG_E_INSUFFICIENT_RANGE_SUPPORT, or BG_E_MISSING_FILE_SIZE when no size was
// ever told. A missing length is no error: the size stays unknown, and the file is resumable only
// if ranges are offered and a validator is there.
Verdict judge(const RemoteRecord& record, const ResponseHead& head);

// Value of If-Range for a resume: Last-Modified if known (and a date, else servers ignore it), else
// the strong ETag, else empty (no If-Range is sent, and the 206's own total and validators decide).
std::string if_range_value(const RemoteIdentity& identity);

// Fatal, transient, or transient without a timer (errors.md §1, §2, §5). HTTP codes by the rule of
// errors.md §2. What no page names: WinHTTP codes (12000-12999) are transient, since they speak of
// a connection and the no-progress time-out ends them; everything else is fatal, since it speaks of
// this machine or of us, where waiting mends nothing. What the service itself runs out of (memory,
// descriptors) is no failure of the job at all: it comes back, and then the job goes on.
enum class ErrorClass : std::uint8_t { fatal, transient, waits_for_event, shortage };
ErrorClass classify(base::Code code);

}  // namespace backhaul::core
