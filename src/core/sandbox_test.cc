// SPDX-License-Identifier: Apache-2.0
#include "core/sandbox.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using base::Code;

constexpr char info[] =
    "[Application]\nname=org.example.App\nruntime=runtime/org.example.Platform/x86_64/1\n\n"
    "[Instance]\ninstance-id=1\nname=org.example.Other\n\n[Context]\nshared=network;ipc;\n";

CallerFacts seen(std::optional<std::string> flatpak_info = {}, std::string label = {}) {
  return {.uid = 1000,
          .root_seen = true,
          .flatpak_info = std::move(flatpak_info),
          .label = std::move(label),
          .snap_profile = {}};
}

TEST(Sandbox, WithoutASignOfOneThereIsNone) {
  for (const char* label : {"", "unconfined", "firefox (enforce)", "snapd (enforce)",
                            "/usr/lib/snapd/snap-confine (enforce)"}) {
    const auto found = sandbox_of(seen({}, label));
    ASSERT_TRUE(found) << label;
    EXPECT_EQ(*found, Sandbox{}) << label;
  }
}

TEST(Sandbox, AFlatpakIsNamedByItsInfo) {
  const auto found = sandbox_of(seen(info));
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (Sandbox{"flatpak/org.example.App", true}));
}

TEST(Sandbox, TheNetworkIsAPermissionOfTheContext) {
  for (const char* text :
       {"[Application]\nname=org.example.App\n",
        "[Application]\nname=org.example.App\nshared=network;\n",
        "[Application]\nname=org.example.App\n[Context]\nshared=ipc;networking;\n",
        "[Application]\nname=org.example.App\n[Context]\nsockets=network;\n"}) {
    const auto found = sandbox_of(seen(text));
    ASSERT_TRUE(found) << text;
    EXPECT_FALSE(found->network) << text;
  }
}

TEST(Sandbox, WhatCannotBeDeterminedIsNotTakenForAFreeCaller) {
  EXPECT_EQ(sandbox_of(CallerFacts{}).error().code, Code::E_ACCESSDENIED);
  for (const char* text : {"", "[Application]\n", "[Runtime]\nname=org.example.App\n",
                           "[Application]\nname=../../x\n", "[Application]\nname=a..b\n",
                           "[Application]\nname=.a.b\n", "[Application]\nname=App\n",
                           "[Application]\nname=a.b/c\n", "[Application]\nname=\n"})
    EXPECT_EQ(sandbox_of(seen(text)).error().code, Code::E_ACCESSDENIED) << text;
}

TEST(Sandbox, ASnapIsNamedByItsEnforcedLabel) {
  EXPECT_EQ(snap_of_label("snap.firefox.firefox (enforce)\n"), "firefox");
  EXPECT_EQ(snap_of_label("snap.firefox.hook.install (kill)"), "firefox");
  EXPECT_EQ(snap_of_label("snap.tool_two.run"), "tool_two");  // no mode told: not known to be lenient
  EXPECT_EQ(snap_of_label("snap.code.code (complain)"), "");
  EXPECT_EQ(snap_of_label("snap-update-ns.code (enforce)"), "");
}

TEST(Sandbox, ASnapNeedsNoLookAtItsFilesAndHasTheNetworkThatItsRulesGiveIt) {
  CallerFacts facts{.uid = 1000, .root_seen = false, .flatpak_info = {},
                    .label = "snap.tool.tool (enforce)", .snap_profile = {}};
  ASSERT_TRUE(sandbox_of(facts));
  EXPECT_EQ(*sandbox_of(facts), (Sandbox{"snap/tool", false}));
  facts.snap_profile = "profile x {\n  # network is off\n  #include <abstractions/base>\n}\n";
  EXPECT_FALSE(sandbox_of(facts)->network);
  facts.snap_profile = "profile x {\n  #include <abstractions/nameservice>\n}\n";
  EXPECT_TRUE(sandbox_of(facts)->network);
  facts.snap_profile = "profile x {\n  network inet stream,\n}\n";
  EXPECT_TRUE(sandbox_of(facts)->network);
}

TEST(Sandbox, TheNameOfAnApplicationHasTwoHalves) {
  EXPECT_EQ(application_kind("flatpak/org.example.App"), "flatpak");
  EXPECT_EQ(application_id("flatpak/org.example.App"), "org.example.App");
}

}  // namespace
}  // namespace backhaul::core
