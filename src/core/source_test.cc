// SPDX-License-Identifier: Apache-2.0
#include "core/source.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

bool vouches(SourceKind kind, bool digest) {
  return may_vouch_for_version({.kind = kind, .address = "http://host/f", .digest = digest});
}

TEST(Source, OnlyTheOriginAndAMirrorWithADigestSayWhichVersionTheFileIs) {
  for (const bool digest : {false, true}) {
    EXPECT_TRUE(vouches(SourceKind::origin, digest));
    EXPECT_EQ(vouches(SourceKind::mirror, digest), digest);
    for (const SourceKind kind : {SourceKind::cache_host, SourceKind::peer, SourceKind::site_proxy, SourceKind::swarm})
      EXPECT_FALSE(vouches(kind, digest));
  }
}

TEST(Source, WhoeverKeepsCopiesIsNoServerOfTheFile) {
  for (const SourceKind kind : {SourceKind::cache_host, SourceKind::peer, SourceKind::site_proxy, SourceKind::swarm})
    EXPECT_TRUE(keeps_copies({.kind = kind, .address = "http://host/f"}));
  for (const SourceKind kind : {SourceKind::origin, SourceKind::mirror})
    EXPECT_FALSE(keeps_copies({.kind = kind, .address = "http://host/f"}));
}

}  // namespace
}  // namespace backhaul::core
