// SPDX-License-Identifier: Apache-2.0
// Which machines are neighbours, by the certificates that they show. With `list`, whoever has one of the keys that the
// settings name; with `ca`, whoever has a certificate of the site's authority for both sides of a connection, which is
// in force and not on its list of revoked ones. That list is a file beside the authority's, with ".crl" behind its
// name; where it is there it counts, and one that ran out lets nobody in. Both are read again when they change. With
// `group`, whoever has a key of the settings or has proven that he has the secret of the group; since that is done over
// a connection, everybody comes through the handshake then, and is nobody until he has done it. One thread at a time.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "adapters/neighbours/certificate.h"
#include "adapters/neighbours/group.h"
#include "adapters/neighbours/pins.h"
#include "base/result.h"
#include "core/neighbours.h"

namespace backhaul::neighbours {

// Of the group that this machine belongs to; both stay as long as who trusts by them. Null: it is of none.
struct Membership {
  const Group* group = nullptr;
  Pins* pins = nullptr;
};

class Trust {
 public:
  // An error: nobody can be trusted, whoever comes.
  static base::Result<Trust> of(const core::NeighbourRules& rules, Membership membership = {});

  // By its key, or why it may not come through the handshake. In DER, its own certificate first.
  base::Result<std::string> judge(const std::vector<std::string>& chain);
  // Of one that came through.
  bool knows(const std::string& key) const;
  // Null: nobody becomes known here.
  const Membership* membership() const { return membership_.pins == nullptr ? nullptr : &membership_; }

 private:
  struct Version {  // of a file: another one is another file
    timespec changed{};
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    bool operator==(const Version& other) const;
  };
  static Version version_of(const std::string& path);

  base::Result<void> read_again();
  base::Result<void> judge_issued(X509* own, const std::vector<std::string>& chain) const;

  std::vector<std::string> keys_;  // of the settings, in order
  Membership membership_;          // of `group`
  std::string authority_;          // of `ca`; empty: keys count
  std::string revoked_;
  Version authority_version_, revoked_version_;
  Openssl<X509_STORE> store_;
};

}  // namespace backhaul::neighbours
