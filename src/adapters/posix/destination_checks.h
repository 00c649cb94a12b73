// SPDX-License-Identifier: Apache-2.0
// Whether files can go where they are to go, and a client certificate can be used, looked at on threads of their own: a directory may be on a
// server that does not answer, and neither the loop nor the parts of other files wait for it. Requests of
// one owner for one directory share a thread, however many they are, and no owner has more than a few:
// where as many directories of an owner are dead, a request for another one is refused. One that is only
// slow is waited for.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/posix/access.h"
#include "adapters/posix/certificate_file.h"
#include "adapters/posix/mounts.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "core/owner.h"
#include "loop/loop.h"
#include "ports/events.h"
#include "ports/files.h"

namespace backhaul::posix {

struct DestinationCheckLimits {
  unsigned of_owner = 8;  // directories that are looked at, at once
  unsigned in_all = 64;
  base::Microseconds patience = std::chrono::seconds(10);  // one that takes longer does not answer
};

class DestinationChecks {
 public:
  DestinationChecks(loop::Loop& loop, ports::Inbox& inbox, DestinationCheckLimits limits = {},
                    CertificateFolders certificates = {}, Mounts mounts = Mounts());

  // Answered by DestinationsChecked. Loop thread.
  void ask(base::CheckId check, ports::Destinations destinations, std::shared_ptr<Access> access);

 private:
  struct Request {
    base::CheckId check{};
    ports::Destinations destinations;
    std::shared_ptr<Access> access;  // of the owner
    std::optional<base::Error> refusal{};
    std::optional<core::ClientCertificate> certificate{};
  };
  using Requests = std::vector<Request>;
  using Place = std::pair<core::Owner, std::string>;  // the directory of the first file, or of the certificate
  struct Look {
    base::BootTime began{};
    Requests behind;  // what came meanwhile
  };
  struct Line {  // of one owner; what none of the looks is for
    std::deque<std::string> directories;
    std::unordered_map<std::string, Requests> requests;
  };

  // Of most, and then nobody needs a thread for it.
  bool answer_at_once(const Request& request);
  void wait(const Place& place, Requests requests);
  // Whoever waits gets a thread, is told that there will be none, or waits on.
  void go_on();
  static void look_at(Request& request, const CertificateFolders& certificates);
  void look(const Place& place, Requests requests);
  void looked_at(const Place& place, Requests requests);
  void answer(Requests requests);
  void refuse(Line& line, const std::vector<const Place*>& dead);
  // Those that are looked at and keep this owner from getting a thread; none: it may have one.
  std::vector<const Place*> in_the_way_of(const core::Owner& owner) const;

  loop::Loop& loop_;
  ports::Inbox& inbox_;
  const DestinationCheckLimits limits_;
  const CertificateFolders certificates_;
  Mounts mounts_;
  std::map<Place, Look> looks_;
  std::map<core::Owner, Line> lines_;
  loop::Timer out_of_patience_;
  loop::Worker worker_;
};

}  // namespace backhaul::posix
