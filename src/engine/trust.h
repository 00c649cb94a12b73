// SPDX-License-Identifier: Apache-2.0
// Trust: the program's word on the certificates of servers (notifications.md §14). Owns the questions
// that are not answered yet. Their jobs have given their turn back; acceptance is on disk before
// anything is sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/change.h"
#include "engine/draft.h"
#include "engine/questions.h"
#include "ports/events.h"

namespace backhaul::engine {

class Trust {
 public:
  const Questions& questions() const { return questions_; }

  void on(Draft& draft, const ports::CertificateChecked& event) const;
  void on(Draft& draft, const ports::PeerGone& event) const;
  void merged(Change& change);

  bool idle() const { return questions_.empty(); }
  bool operator==(const Trust&) const = default;

 private:
  Questions questions_;
};

// The last one wins, and forgets what was accepted before it.
base::Result<void> set_certificate_check(Draft& draft, const base::JobId& id,
                                 std::optional<core::ObjectRegistration> object);
core::ErrorInfo nobody_to_ask(std::uint32_t file, const std::string& server);

}  // namespace backhaul::engine
