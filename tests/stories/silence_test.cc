// SPDX-License-Identifier: Apache-2.0
// Jobs of which nothing is heard say who does not answer, since when, and what ends it.
#include "tests/stories/story.h"

namespace backhaul::stories {
namespace {

sim::Options disk_takes(base::Microseconds time) {
  sim::Options options;
  options.disk = {time, time};
  return options;
}

std::string explain(Story& s, const JobId& job) {
  std::string text = "\n";
  for (const core::Cause& cause : s.world.service().explain(s.row(job), s.alice.caller()))
    text += std::string(core::to_word(cause.subject)) + ": " + cause.sentence + " [" + cause.where + "]\n";
  return text;
}

TEST(Silence, ADirectoryThatDoesNotAnswerIsNamed) {
  Story s({}, disk_takes(60s));
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(4s);
  EXPECT_EQ(s.waiting(a), "not waiting");
  EXPECT_EQ(explain(s, a), "\njob: it waits for nothing: connecting to host []\n");
  s.run(8s);
  EXPECT_EQ(s.waiting(a), "waiting for 12 s for the file system of /d, which does not answer");
  EXPECT_EQ(explain(s, a), R"(
job: waiting for 12 s for the file system of /d, which does not answer []
policy: it goes on by itself when the file system answers; other jobs do not wait for that [built in]
)");
}

TEST(Silence, AServerThatSaysNothingIsNamed) {
  Story s;
  s.serve("x", 5000).fault({FaultKind::stall, 0});
  s.serve("y", 5000).fault({FaultKind::stall, 2000});
  const JobId y = s.enqueue("y", {"y"});
  s.run(20s);
  EXPECT_TRUE(s.waiting(y).starts_with("waiting for more from host; nothing has been stored for 1")) << s.waiting(y);
  EXPECT_NE(explain(s, y).find("a server that says nothing for minutes is given up, and asked again after 600 s [the job]"),
            std::string::npos) << explain(s, y);
}

TEST(Silence, WhatIsBeingClosedSaysWhatKeepsItFromItsEnd) {
  Story s({}, disk_takes(60s));
  s.serve("x", 1000);
  const JobId a = s.enqueue("a", {"x"});
  s.run(1s);
  s.cancel(a);
  s.run(1s);
  EXPECT_EQ(s.waiting(a), "being cancelled for 1 s");
  s.run(9s);
  EXPECT_EQ(s.waiting(a), "being cancelled for 10 s; waiting for the file system of /d, which does not answer");
  EXPECT_NE(explain(s, a).find("it is carried out when the file system answers, also after a restart"),
            std::string::npos) << explain(s, a);
}

TEST(Silence, OfTwoFilesWithOneNameTheLogSaysWhichReplacedTheOther) {
  Story s;
  s.serve("x", 1000);
  s.serve("y", 500);
  const JobId a = s.enqueue_files("a", {{"http://host/x", "/d/same"}, {"http://host/y", "/d/same"}});
  s.run(10s);
  s.forget();
  s.world.log.show(base::LogLevel::warning);
  s.complete(a);
  s.run(1s);
  EXPECT_NE(s.told().find("file 0 (http://host/x) was replaced by file 1 (http://host/y), which has the same name "
                          "/d/same"), std::string::npos);
  EXPECT_TRUE(s.has_file("same"));
}

}  // namespace
}  // namespace backhaul::stories
