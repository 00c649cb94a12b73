// SPDX-License-Identifier: Apache-2.0
// Files of one job that are fetched ahead, and parts that are opened before there is a request for them.
#include <algorithm>
#include <iterator>

#include "core/schedule.h"
#include "engine/server_use.h"
#include "engine/silence.h"
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

// A job of so many small files, the first of which is here.
class SmallFiles : public Rig {
 protected:
  JobId begin(std::uint32_t count) {
    const JobId job = add(JobState::queued);
    add_files(job, count);
    turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
    const base::TransferId first = transfer_of(job);
    open(first);
    begun_ = turn([&](Draft& draft) {
      ports::PartStored stored{.transfer = first, .stored = core::Extents::until(100), .final = true};
      parts.fetching.on(draft, stored);
    });
    return job;
  }
  std::vector<engine::Effect> open(base::TransferId transfer) {
    ports::PartOpened opened{.transfer = transfer};
    return turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
  }
  std::vector<engine::Effect> end(base::TransferId transfer) {
    ports::TransferEnded ended{};
    ended.transfer = transfer;
    return turn([&](Draft& draft) { parts.fetching.on(draft, ended); });
  }
  std::vector<engine::Effect> fail(base::TransferId transfer) {
    ports::TransferEnded failed{};
    failed.transfer = transfer;
    failed.error = base::Error(base::Code::FILE_NOT_FOUND, base::ErrorContext::remote_file, "none");
    return turn([&](Draft& draft) { parts.fetching.on(draft, failed); });
  }
  // It is opened again for the rest.
  std::vector<engine::Effect> leave(base::TransferId transfer) {
    ports::TransferEnded ended{};
    ended.transfer = transfer;
    ended.asked_only = true;
    return turn([&](Draft& draft) { parts.fetching.on(draft, ended); });
  }
  std::vector<engine::Effect> store(base::TransferId transfer, std::uint64_t size = 100) {
    ports::PartStored stored{.transfer = transfer, .stored = core::Extents::until(size), .final = true};
    return turn([&](Draft& draft) { parts.fetching.on(draft, stored); });
  }
  // Closes what these told to close, and nothing else.
  std::vector<engine::Effect> close(const std::vector<engine::Effect>& told) {
    std::vector<engine::Effect> after;
    for (const effect::ClosePart& part : all<effect::ClosePart>(told)) {
      ports::PartClosed closed{.transfer = part.transfer};
      auto effects = turn([&](Draft& draft) { parts.fetching.on(draft, closed); });
      std::ranges::move(effects, std::back_inserter(after));
    }
    return after;
  }
  void host_asks_for_time() {
    turn([&](Draft& draft) { draft.edit_holds().hold("http://host:80", context.now().boot + 60s); });
  }
  static bool is_held_up(const std::vector<engine::Effect>& effects) {
    return std::ranges::any_of(all<effect::Post>(effects), [](const effect::Post& post) {
      const auto* said = std::get_if<engine::News>(&post.input);
      return said != nullptr && std::holds_alternative<news::HeldUp>(*said);
    });
  }

  std::vector<engine::Effect> begun_;  // with the end of the first file
};

// So many that not all of them are opened.
class ManySmallFiles : public SmallFiles {
 protected:
  void SetUp() override {
    job = begin(60);
    opened = all<effect::OpenPart>(begun_);
    ASSERT_EQ(opened.size(), most.in_flight + most.opened);
  }
  void open_all() {
    for (const effect::OpenPart& part : opened) open(part.request.transfer);
  }

  const core::FetchAhead most = core::fetch_ahead(100);
  JobId job;
  std::vector<effect::OpenPart> opened;
};

TEST_F(ManySmallFiles, PartsAreOpenedAheadOfTheirRequests) {
  std::size_t started = 0;
  for (const effect::OpenPart& part : opened)
    started += all<effect::StartTransfer>(open(part.request.transfer)).size();
  EXPECT_EQ(started, most.in_flight) << "no more requests than before";
  EXPECT_EQ(engine::connections(*parts.fetching.runs().find(job), "http://host:80"), most.in_flight);
  const auto effects = end(opened[0].request.transfer);
  const auto next = all<effect::StartTransfer>(effects);
  ASSERT_EQ(next.size(), 1U) << "its part is open: the request waits for nothing";
  EXPECT_EQ(next[0].request.transfer, opened[most.in_flight].request.transfer) << "in the order of the files";
  EXPECT_EQ(all<effect::OpenPart>(effects).size(), 1U);
}

TEST_F(ManySmallFiles, ARequestThatHasComeFreeIsForTheNextPartAlsoWhileThatIsBeingOpened) {
  open(opened[0].request.transfer);
  EXPECT_FALSE(has<effect::StartTransfer>(end(opened[0].request.transfer)));
  EXPECT_EQ(all<effect::StartTransfer>(open(opened[most.in_flight].request.transfer)).size(), 1U);
}

// Else a job that waits for others to fetch its files would keep the link from those behind it.
TEST_F(SmallFiles, PartsThatAreOpenAheadTakeNoPartOfTheLink) {
  engine::Run run;
  run.lanes.resize(2);
  run.lanes[0].phase = engine::LanePhase::waiting;
  run.lanes[1].phase = engine::LanePhase::opening;
  EXPECT_FALSE(run.waits_for_neighbours());
  run.lanes[1].ahead = true;
  EXPECT_TRUE(run.waits_for_neighbours());
  EXPECT_FALSE(run.link_is_free(2)) << "its turn comes";
}

// Two files on two disks, the second of which answers.
TEST_F(SmallFiles, APartThatIsOpenAheadDoesNotHideADiskThatDoesNotAnswer) {
  engine::Run run;
  run.active = true;
  run.lanes.resize(2);
  run.lanes[0].began = base::BootTime{} + 1s;
  run.lanes[1].began = base::BootTime{} + 2s;
  run.lanes[1].part_open = true;
  EXPECT_EQ(run.patience_ends(), base::never);
  run.lanes[1].ahead = true;
  EXPECT_EQ(run.patience_ends(), base::BootTime{} + 1s + engine::Run::opening_patience);
  run.lanes[0].ahead = true;
  EXPECT_EQ(run.patience_ends(), base::never) << "it waits for requests, and no disk for long";
}

TEST_F(SmallFiles, APartThatIsOpenAheadDoesNotHideAServerThatSaysNothing) {
  engine::Entry entry;
  entry.files.resize(2);
  entry.files[0].remote = "http://a/x";
  entry.files[1].remote = "http://b/y";
  engine::Run run;
  run.active = true;
  run.lanes.resize(2);
  run.lanes[0].part_open = run.lanes[0].ahead = true;
  run.lanes[1].file = 1;
  run.lanes[1].phase = engine::LanePhase::receiving;
  const auto waiting = engine::silent(run, entry, base::BootTime{} + 60s);
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->kind, core::WaitingKind::answer);
  EXPECT_EQ(waiting->arguments, std::vector<std::string>{"b"});
}

TEST_F(ManySmallFiles, NothingIsBegunAheadBehindAFileThatFailed) {
  open_all();
  const auto effects = fail(opened[1].request.transfer);
  EXPECT_FALSE(has<effect::StartTransfer>(effects));
  const auto closed = all<effect::ClosePart>(effects);
  ASSERT_EQ(closed.size(), most.opened) << "the run ends with the failure: they would never have a request";
  for (const effect::ClosePart& part : closed)
    EXPECT_GE(part.transfer, opened[most.in_flight].request.transfer) << "what has one may still come";
}

// What is open ahead behind the failure would count among the few files that may wait for the disk.
TEST_F(ManySmallFiles, AFileIsOpenedAgainInFrontOfOneThatFailedAlsoAfterALargeFile) {
  open_all();
  store(opened[0].request.transfer, 2 << 20);
  close(fail(opened[2].request.transfer));
  for (std::size_t i = 3; i < most.in_flight; ++i) store(opened[i].request.transfer);
  const auto again = all<effect::OpenPart>(close(leave(opened[1].request.transfer)));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].request.index, opened[1].request.index);
}

// Else nothing would be heard of the job any more.
TEST_F(SmallFiles, AFailureThatWaitsForAFileThatMayNotBeAskedForDoesNotKeepTheTurn) {
  const JobId job = begin(3);
  const auto opened = all<effect::OpenPart>(begun_);
  ASSERT_EQ(opened.size(), 2U);
  for (const effect::OpenPart& part : opened) open(part.request.transfer);
  close(begun_);
  fail(opened[1].request.transfer);
  host_asks_for_time();
  const auto effects = close(leave(opened[0].request.transfer));
  EXPECT_FALSE(has<effect::OpenPart>(effects));
  ASSERT_TRUE(is_held_up(effects));
  turn([&](Draft& draft) { parts.fetching.on(draft, news::HeldUp{job}); });
  EXPECT_EQ(row(job).state, JobState::queued);
}

TEST_F(ManySmallFiles, WhatIsOpenAheadIsNotAskedOfAServerThatAskedForTimeSince) {
  open_all();
  close(begun_);
  host_asks_for_time();
  auto effects = end(opened[0].request.transfer);
  EXPECT_FALSE(has<effect::StartTransfer>(effects));
  EXPECT_EQ(all<effect::ClosePart>(effects).size(), most.opened);
  EXPECT_FALSE(has<effect::OpenPart>(close(effects)));
  for (std::size_t i = 0; i < most.in_flight; ++i) {
    EXPECT_FALSE(is_held_up(effects)) << "what is under way comes to its end";
    effects = close(store(opened[i].request.transfer));
    EXPECT_FALSE(has<effect::OpenPart>(effects));
  }
  EXPECT_TRUE(is_held_up(effects)) << "as in front of a file that was not opened yet";
}

TEST_F(ManySmallFiles, WhatIsOpenAheadIsOpenedAnewWhereAnotherAddressMayBeAsked) {
  open_all();
  const std::uint32_t next = opened[most.in_flight].request.index;
  turn([&](Draft& draft) {
    draft.edit_file(job, next, engine::Weight::hard,
                    [](core::File& file) { file.rare.edit().mirrors = core::Mirrors{.addresses = "http://other/x"}; });
  });
  host_asks_for_time();
  const auto again = all<effect::OpenPart>(close(end(opened[0].request.transfer)));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].request.index, next);
  const auto started = all<effect::StartTransfer>(open(again[0].request.transfer));
  ASSERT_EQ(started.size(), 1U);
  EXPECT_EQ(started[0].request.source.address, "http://other/x");
}

TEST_F(SmallFiles, ACommitWritesTheRowsOfFilesThatAreToBeKeptAndOfNoOthers) {
  const JobId job = begin(60);
  const auto opened = all<effect::OpenPart>(begun_);
  ASSERT_GE(opened.size(), 2U);
  open(opened[0].request.transfer);
  ports::PartStored stored{.transfer = opened[0].request.transfer, .stored = core::Extents::until(100), .final = true};
  ports::PartOpened other{.transfer = opened[1].request.transfer, .stored = {}, .inode = 7};
  Draft first = draft();
  parts.fetching.on(first, stored);
  parts.fetching.on(first, other);
  ASSERT_EQ(first.batch().files.size(), 1U);
  EXPECT_EQ(first.batch().files[0].index, opened[0].request.index);
  commit(first);
  EXPECT_EQ(context.table.find(job)->files[opened[1].request.index].inode, 7U) << "it is known all the same";
  stored.transfer = other.transfer;
  stored.inode = 8;
  Draft second = draft();
  parts.fetching.on(second, stored);
  ASSERT_EQ(second.batch().files.size(), 1U);
  EXPECT_EQ(second.batch().files[0].index, opened[1].request.index);
  EXPECT_EQ(second.batch().files[0].inode, 8U);
}

}  // namespace
}  // namespace backhaul::parts
