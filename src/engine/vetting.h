// SPDX-License-Identifier: Apache-2.0
// Vetting: commands that cannot be judged within a turn. Whether a file can go where it is to go, Files
// says, and a directory may take its time, or not answer at all; nobody else waits for it. Owns the
// lines of those commands, one for each client, and knows what was asked for whom.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "engine/change.h"
#include "engine/draft.h"
#include "engine/lines.h"
#include "ports/events.h"

namespace backhaul::engine {

class Vetting {
 public:
  const Lines& lines() const { return lines_; }

  // At the end of the line of its client. `need`: what has to be asked for it; unset: nothing that is
  // known now, but it comes behind others.
  void wait(Draft& draft, ports::Command command,
            std::optional<ports::Destinations> need) const;
  // For the first of the line, which needs to know something else than what was asked.
  void ask_again(Draft& draft, base::PeerId peer, ports::Destinations need) const;
  // The first of the line was carried out. The answer: its client left, and this was the last.
  std::optional<ports::PeerGone> leave(Draft& draft, base::PeerId peer) const;

  // Whose line it was for; none: nobody waits for it any more.
  std::optional<base::PeerId> on(Draft& draft, ports::DestinationsChecked& event) const;
  void on(Draft& draft, const ports::PeerGone& event) const;
  // The service ends, or the store fails: all of them get this error.
  void refuse_all(Draft& draft, const base::Error& error) const;

  void merged(Change& change);
  bool idle() const { return lines_.empty(); }
  bool operator==(const Vetting&) const = default;

 private:
  std::vector<base::PeerId> may_have_asked(const Draft& draft, base::CheckId check) const;

  Lines lines_;
  std::unordered_map<base::CheckId, base::PeerId> asked_for_;  // those that were not answered
};

}  // namespace backhaul::engine
