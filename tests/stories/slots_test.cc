// SPDX-License-Identifier: Apache-2.0
// Who gets the next of a user's slots: programs take turns, and so do jobs (N62, N63).
#include "tests/stories/notified_story.h"

namespace backhaul::stories {
namespace {

engine::Settings one_slot() {
  engine::Settings settings;
  settings.notifications_per_user = 1;
  return settings;
}

sim::Options calls_take_a_second() {
  sim::Options options;
  options.call = {500ms, 500ms};  // there, and back
  return options;
}

struct Slots : ::testing::Test {
  NotifiedStory s{one_slot(), calls_take_a_second()};

  // Transferred, and nobody was told.
  JobId finished(const std::string& job, const std::vector<std::string>& names,
                 std::uint32_t flags = transferred | error) {
    for (const std::string& name : names) s.serve(name, 0);
    const JobId id = s.enqueue(job, names, NotifiedStory::with_flags(flags));
    s.run(10s);
    s.forget();
    return id;
  }
};

TEST_F(Slots, AProgramWithManyJobsDoesNotKeepAnotherWaiting) {
  std::vector<JobId> many;
  for (const char* name : {"b1", "b2", "b3", "b4"}) many.push_back(finished(name, {name}));
  const JobId a = finished("a", {"a"});
  for (const JobId& job : many) s.set_object(job, s.bob);
  s.set_object(a, s.alice);
  s.run(10s);
  EXPECT_EQ(s.heard(), R"(
50.5 JobTransferred of b1 to bob/o: S_OK
51.5 JobTransferred of b2 to bob/o: S_OK
52.5 JobTransferred of a to alice/o: S_OK
53.5 JobTransferred of b3 to bob/o: S_OK
54.5 JobTransferred of b4 to bob/o: S_OK
)");
}

TEST_F(Slots, AJobWithManyFilesDoesNotKeepAnotherOfItsProgramWaiting) {
  const JobId a = finished("a", {"x", "y", "z"}, transferred | files);
  const JobId b = finished("b", {"w"});
  s.set_object_2(a, s.alice);
  s.set_object(b, s.alice);
  s.run(10s);
  EXPECT_EQ(s.heard(), R"(
20.5 FileTransferred of file 0 of a to alice/o: S_OK
21.5 JobTransferred of b to alice/o: S_OK
22.5 FileTransferred of file 1 of a to alice/o: S_OK
23.5 FileTransferred of file 2 of a to alice/o: S_OK
24.5 JobTransferred of a to alice/o: S_OK
)");
}

TEST_F(Slots, ACommandLineTakesItsTurnAsOneProgramOfMany) {
  std::vector<JobId> many;
  for (const char* name : {"b1", "b2", "b3"}) many.push_back(finished(name, {name}));
  const JobId a = finished("a", {"a"});
  for (const JobId& job : many) s.set_object(job, s.bob);
  s.set_command(a);
  s.run(10s);
  EXPECT_EQ(s.heard(), R"(
40.5 JobTransferred of b1 to bob/o: S_OK
41.5 JobTransferred of b2 to bob/o: S_OK
42 program /bin/p for a: exit code 0
43 JobTransferred of b3 to bob/o: S_OK
)");
}

TEST(SlotsOfUsers, ACommandLineTakesASlotOfTheUserWhoSetIt) {
  engine::Settings settings = one_slot();
  NotifiedStory s(settings);
  s.serve("x", 0);
  s.serve("y", 0);
  const JobId a = s.enqueue("a", {"x"}, NotifiedStory::with_command("/bin/endless"));
  const JobId b = s.enqueue("b", {"y"});
  s.change(a, NotifiedStory::with_command("/bin/endless"), s.root);
  s.set_object(b, s.alice);
  s.next_programs({Ending::runs_on});
  s.run(10s);
  EXPECT_EQ(s.heard(), R"(
1 program /bin/endless for a: runs on
2 JobTransferred of b to alice/o: S_OK
)");
}

}  // namespace
}  // namespace backhaul::stories
