// SPDX-License-Identifier: Apache-2.0
#include "core/source.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

Source of_kind(SourceKind kind) { return {.kind = kind, .address = "http://host/f"}; }

TEST(Source, OnlyTheOriginSaysWhichVersionTheFileIs) {
  EXPECT_FALSE(keeps_copies(of_kind(SourceKind::origin)));
  for (const SourceKind kind : {SourceKind::cache_host, SourceKind::peer, SourceKind::site_proxy, SourceKind::swarm,
                                SourceKind::duplicate})
    EXPECT_TRUE(keeps_copies(of_kind(kind)));
}

TEST(Source, ADuplicateIsSomewhereElseAsTheOriginIs) {
  for (const SourceKind kind : {SourceKind::cache_host, SourceKind::peer, SourceKind::site_proxy, SourceKind::swarm})
    EXPECT_TRUE(is_of_site(of_kind(kind)));
  EXPECT_FALSE(is_of_site(of_kind(SourceKind::origin)));
  EXPECT_FALSE(is_of_site(of_kind(SourceKind::duplicate)));
}

}  // namespace
}  // namespace backhaul::core
