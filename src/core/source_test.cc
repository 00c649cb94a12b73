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
    EXPECT_FALSE(vouches(SourceKind::cache_host, digest));
    EXPECT_FALSE(vouches(SourceKind::peer, digest));
  }
}

}  // namespace
}  // namespace backhaul::core
