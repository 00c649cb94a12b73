// SPDX-License-Identifier: Apache-2.0
// Is it the same remote file? Compared is what both sides tell: total size, Last-Modified, strong
// ETag, and a digest of the whole, which counts like a validator where both tell one of the same
// algorithm. Weak ETags never count. What is held is given up only when this proves another version; an
// answer that does not prove it changes nothing, however strange it is. Pure.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "core/http.h"
#include "core/job.h"

namespace backhaul::core {

enum class Relation : std::uint8_t {
  same,           // nothing differs, and a validator agrees
  doubtful,       // the bytes decide: what is held is compared with what the server has there
  other,          // another version
  contradiction,  // the same validators, and yet it cannot be the same file
  unproven,       // the answer has no validator to compare with the one that is held
};

//   size             Last-Modified and strong ETag
//   equal or untold  nothing differs, something agrees                same
//   equal or untold  one differs, the other agrees                    doubtful (dates of mirrors,
//                                                                     tags of nodes)
//   any              one differs and the other does not agree         other
//   differs          one or both differ                               other
//   differs          nothing differs, something agrees                contradiction
//   any              the held one has a validator, none to compare    unproven
//   equal or untold  the held one has none                            doubtful
//   differs          the held one has none                            other from a 206, whose total
//                                                                     is told on purpose; from a
//                                                                     200 a contradiction
//
// The Content-Encoding is part of what was stored: another one contradicts unless the version is
// another one anyway. `part`: told by a 206, which may leave out what its 200 would say.
Relation relate(const RemoteIdentity& held, const RemoteIdentity& told, bool part);
// Something by which a version can be told from another one.
bool has_validator(const RemoteIdentity& identity);

// What an answer tells of the whole file. A Content-Length says it only in a 200, and there only
// when nothing else frames the body (RFC 9112 §6.3).
RemoteIdentity told_by(const ResponseHead& head);
// The version that a continuing answer belongs to: what it tells, completed by what is known.
RemoteIdentity merged(const RemoteIdentity& held, RemoteIdentity told);
// Does the Content-Range cover what the framing of the body delivers?
bool is_consistent(const ResponseHead& head);

// Fatal, transient, or transient without a timer (errors.md §1, §2, §5). HTTP codes by the rule of
// errors.md §2. What no page names: WinHTTP codes (12000-12999) are transient, since they speak of
// a connection and the no-progress time-out ends them; everything else is fatal, since it speaks of
// this machine or of us, where waiting mends nothing. What the service itself runs out of (memory,
// descriptors) is no failure of the job at all: it comes back, and then the job goes on.
enum class ErrorClass : std::uint8_t { fatal, transient, waits_for_event, shortage };
ErrorClass classify(base::Code code);
inline bool is_shortage(base::Code code) { return classify(code) == ErrorClass::shortage; }

}  // namespace backhaul::core
