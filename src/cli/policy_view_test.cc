// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_view.h"

#include <gtest/gtest.h>

namespace backhaul::cli {
namespace {

std::vector<PolicyInfo> sample() {
  PolicyInfo most{"Jobs", "MaxJobsPerUser", "60", "/etc/backhaul/backhauld.conf:3", "bound", "tighter", false, true};
  PolicyInfo level{"Service", "LogLevel", "info", "", "default", "any", true, false};
  PolicyInfo nothing{"Network", "AllowedOrigins", "", "", "default", "both", false, false};
  return {most, level, nothing};
}

TEST(PolicyView, EachKeyHasItsValueWhatItIsAndWhereItStands) {
  EXPECT_EQ(render_policy(sample(), {200, true, false}),
            "SECTION    KEY             VALUE  IS                        FROM\n"
            "[Jobs]     MaxJobsPerUser  60     bound, does not bind you  /etc/backhaul/backhauld.conf:3\n"
            "[Service]  LogLevel        info   default                   built in\n")
      << "of what nobody says nothing is shown";
}

TEST(PolicyView, WhatAProgramAskedForStandsInNoFile) {
  EXPECT_EQ(render_policy({{"Peers", "CachePercent", "5", "", "asked", "tighter", false, false}}, {200, true, false}),
            "SECTION  KEY           VALUE  IS     FROM\n"
            "[Peers]  CachePercent  5      asked  a program asked for it\n");
}

TEST(PolicyView, JsonHasEveryKey) {
  Json json;
  write_policy(json, sample());
  EXPECT_EQ(json.text(),
            R"([{"section":"Jobs","key":"MaxJobsPerUser","value":"60","role":"bound",)"
            R"("where":"/etc/backhaul/backhauld.conf:3","leeway":"tighter","at-start":false,"exempt":true},)"
            R"({"section":"Service","key":"LogLevel","value":"info","role":"default","where":null,"leeway":"any",)"
            R"("at-start":true,"exempt":false},{"section":"Network","key":"AllowedOrigins","value":null,)"
            R"("role":"default","where":null,"leeway":"both","at-start":false,"exempt":false}])");
}

TEST(PolicyView, WhatIsWrongInAFileHasItsLine) {
  const auto findings = findings_of("error\t/a: b.conf:12: Low = cheap: no\nwarning\t/a: b.conf:3: x\n", "/a: b.conf");
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].line, 12U);
  EXPECT_EQ(findings[0].text, "Low = cheap: no");
  EXPECT_EQ(render_findings(findings, "/a: b.conf", true),
            "/a: b.conf:12: error: Low = cheap: no\n/a: b.conf:3: warning: x\n");
  EXPECT_EQ(render_findings({}, "/x", true), "/x: nothing is wrong\n");
}

}  // namespace
}  // namespace backhaul::cli
