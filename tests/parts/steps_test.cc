// SPDX-License-Identifier: Apache-2.0
// What grows with the queue, and what must not: counted in rows that were looked for, never in time.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

class Steps : public Rig {
 protected:
  // How many rows a turn looks for.
  template <class Say>
  std::uint64_t counted(const Say& say) {
    const std::uint64_t before = context.table.looked_for();
    turn(say);
    return context.table.looked_for() - before;
  }
  // What it costs more for so many jobs that have nothing to do with it.
  template <class Say>
  std::uint64_t growth(int jobs, const Say& say) {
    turn([&](Draft& draft) { parts.timers.run(draft); });
    const std::uint64_t few = counted(say);
    for (int i = 0; i < jobs; ++i) add(JobState::suspended, std::to_string(i));
    const std::uint64_t many = counted(say);
    return many > few ? many - few : 0;
  }
  // A job of so many files, all of them here.
  JobId add_transferred(std::uint32_t files) {
    const JobId id = add(JobState::transferred);
    add_files(id, files);
    turn([&](Draft& draft) {
      for (std::uint32_t i = 0; i < files; ++i) {
        draft.edit_file(id, i, engine::Weight::hard,
                        [](core::File& row) { row.state = core::FileState::transferred; });
        engine::owe_file_event(draft, id, i);
      }
    });
    return id;
  }
  std::uint64_t counted_until_all_is_heard(std::uint32_t files) {
    const JobId id = add_transferred(files);
    std::uint64_t count = 0;
    for (std::uint32_t i = 0; i < files; ++i) {
      EXPECT_EQ(row(id).event_file, i);
      count += counted([&](Draft& draft) { engine::file_event_heard(draft, id); });
    }
    EXPECT_EQ(row(id).event_file, base::no_file);
    return count;
  }
};

TEST_F(Steps, TheNetworkDoesNotLookAtJobsThatDoNotWaitForIt) {
  const auto comes_and_goes = [](Draft& draft) {
    on(draft, ports::NetworkChanged{false});
    on(draft, ports::NetworkChanged{true});
  };
  add_running();
  EXPECT_LT(growth(200, comes_and_goes), 20U);
}

TEST_F(Steps, NoJobIsLookedAtBeforeTheOldestCanBeInactive) {
  const auto hours = [this](Draft& draft) {
    stage.timeline.skip_to(stage.timeline.now() + 2h);
    context.clocks.read();
    parts.timers.run(draft);
  };
  add(JobState::suspended);
  EXPECT_LT(growth(200, hours), 20U);
}

// Its server is asked once, and asks for a minute.
TEST_F(Steps, JobsOfAServerThatAskedForTimeAreLookedAtOnceAndNotWithEveryTurn) {
  const auto schedule = [this](Draft& draft) { parts.scheduling.schedule(draft); };
  turn([&](Draft& draft) { draft.edit_holds().hold("http://busy:80", context.now().boot + 60s); });
  std::vector<JobId> held;
  for (int i = 0; i < 500; ++i) held.push_back(add(JobState::queued, std::to_string(i), "busy"));
  EXPECT_GE(counted(schedule), 500U);
  EXPECT_LT(counted(schedule), 20U);
  const JobId other = add(JobState::queued, "other");
  EXPECT_LT(counted(schedule), 20U);
  EXPECT_EQ(row(other).state, JobState::connecting);
  EXPECT_EQ(parts.scheduling.agenda().queued(base::Priority::normal), 0U);
  turn([&](Draft& draft) { draft.edit(held[7], engine::Weight::hard).name = "changed"; });
  EXPECT_EQ(parts.scheduling.agenda().queued(base::Priority::normal), 1U);
  EXPECT_LT(counted(schedule), 20U);
  EXPECT_EQ(parts.scheduling.agenda().queued(base::Priority::normal), 0U);
}

TEST_F(Steps, JobsWhoseProgramIsAskedAreNotLookedAtWithEveryTurn) {
  const auto schedule = [this](Draft& draft) { parts.scheduling.schedule(draft); };
  engine::Question question;
  question.object.unique_name = ":1.5";
  for (int i = 0; i < 500; ++i) {
    question.job = add(JobState::queued, std::to_string(i));
    turn([&](Draft& draft) { draft.note(engine::note::QuestionArises{question}); });
  }
  turn(schedule);
  EXPECT_LT(counted(schedule), 20U);
  turn([&](Draft& draft) { draft.note(engine::note::QuestionEnds{question.job}); });
  turn(schedule);
  EXPECT_EQ(row(question.job).state, JobState::connecting);
}

TEST_F(Steps, AnAcknowledgedFileEventFindsTheNextAtOnce) {
  const std::uint64_t few = counted_until_all_is_heard(50);
  const std::uint64_t many = counted_until_all_is_heard(500);
  EXPECT_LT(many, 12 * few);
}

TEST_F(Steps, TheFirstFileThatWaitsOrOwesIsKnownWhateverHappens) {
  const JobId id = add_transferred(20);
  base::Prng prng(1);
  for (int i = 0; i < 2000; ++i) {
    turn([&](Draft& draft) {
      for (auto n = prng.below(3); n > 0; --n)
        draft.edit_file(id, static_cast<std::uint32_t>(prng.below(20)), engine::Weight::hard,
                        [&](core::File& row) {
                          row.state = prng.chance(500) ? core::FileState::waiting
                                                       : core::FileState::transferred;
                          row.event = prng.chance(500) ? 1 : 0;
                        });
      std::optional<std::uint32_t> owing;
      for (std::uint32_t file = 20; file > 0; --file)
        if (draft.file(id, file - 1)->event != 0) owing = file - 1;
      ASSERT_EQ(draft.first_file_event(id), owing);
    });
    const engine::Entry& entry = *context.table.find(id);
    const auto waits = [](const core::File& file) { return file.state == core::FileState::waiting; };
    const auto found = std::ranges::find_if(entry.files, waits);
    ASSERT_EQ(entry.next_file(), found == entry.files.end() ? nullptr : &*found);
  }
}

// Whether the queue is idle is asked after every turn.
TEST_F(Steps, HowManyWaitForAnAddressIsKnownWhateverHappens) {
  std::vector<JobId> jobs;
  for (int i = 0; i < 20; ++i) jobs.push_back(add(JobState::suspended, std::to_string(i)));
  base::Prng prng(2);
  for (int i = 0; i < 500; ++i) {
    turn([&](Draft& draft) {
      for (auto n = prng.below(4); n > 0; --n) {
        core::Job& job = draft.edit(jobs[prng.below(jobs.size())], engine::Weight::hard);
        job.state = prng.chance(600) ? JobState::transient_error : JobState::suspended;
        job.address_file = prng.chance(500) ? 0 : base::no_file;
      }
    });
    const auto waits = [this](const JobId& id) {
      return row(id).state == JobState::transient_error && row(id).address_file != base::no_file;
    };
    ASSERT_EQ(context.table.waiting_for_address(), static_cast<std::size_t>(std::ranges::count_if(jobs, waits)));
  }
}

}  // namespace
}  // namespace backhaul::parts
