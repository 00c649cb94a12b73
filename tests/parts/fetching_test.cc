// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/readdressing.h"
#include "tests/parts/rig.h"

namespace backhaul::parts {
namespace {

using Fetching = Rig;

TEST_F(Fetching, ATurnOpensThePartAndThePartStartsTheTransfer) {
  const JobId job = add(JobState::queued);
  auto effects = turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
  ASSERT_EQ(all<effect::OpenPart>(effects).size(), 1U);
  EXPECT_EQ(all<effect::OpenPart>(effects)[0].request.local, "/d/x");
  EXPECT_FALSE(has<effect::StartTransfer>(effects));
  ports::PartOpened opened{.transfer = transfer_of(job)};
  effects = turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
  ASSERT_EQ(all<effect::StartTransfer>(effects).size(), 1U);
  EXPECT_EQ(all<effect::StartTransfer>(effects)[0].request.source.address, "http://host/x");
}

// A redirect whose report was asked for names the file anew; it does not name whom to trust.
TEST_F(Fetching, WhereARedirectLedNobodyIsToldWhoAsks) {
  for (const char* led_to : {"http://host/elsewhere", "http://stranger/x"}) {
    const JobId job = add_running();
    ports::PartOpened opened{.transfer = transfer_of(job)};
    turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
    ports::HeadReceived head{.transfer = transfer_of(job), .identity = {}, .remote = led_to};
    ports::TransferEnded ended{.transfer = transfer_of(job),
                               .error = base::Error(base::Code::WINHTTP_CONNECTION_ERROR,
                                                    base::ErrorContext::general_transport, "broken")};
    ports::PartClosed closed{.transfer = transfer_of(job)};
    turn([&](Draft& draft) {
      parts.fetching.on(draft, head);
      parts.fetching.on(draft, ended);
    });
    turn([&](Draft& draft) {
      parts.fetching.on(draft, closed);
      ASSERT_TRUE(step(draft, job, core::JobEvent::start));
    });
    turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
    opened.transfer = transfer_of(job);
    const auto effects = turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
    ASSERT_EQ(all<effect::StartTransfer>(effects).size(), 1U);
    const core::Source source = all<effect::StartTransfer>(effects)[0].request.source;
    EXPECT_EQ(source.address, led_to);
    EXPECT_EQ(source.entrusted, source.address.starts_with("http://host/"));
    turn([&](Draft& draft) {
      ASSERT_TRUE(engine::set_remote_name(draft, job, 0, "http://stranger/y", {}));
    });
    EXPECT_FALSE(context.table.find(job)->files[0].rare->led_away) << "its owner chose this one";
    turn([&](Draft& draft) { ASSERT_TRUE(step(draft, job, core::JobEvent::suspend)); });
  }
}

// What an administrator lays down still goes by the priority.
TEST_F(Fetching, TransfersHearWhatTheirJobIsServedAsAlsoWhileTheyRun) {
  const JobId job = add_running();
  turn([&](Draft& draft) {
    draft.edit(job, engine::Weight::soft).priority = base::Priority::low;
    draft.edit(job, engine::Weight::soft).rare.set(&core::RareOfJob::urgency, core::Urgency::high);
  });
  ports::PartOpened opened{.transfer = transfer_of(job)};
  const auto begun = turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
  ASSERT_EQ(all<effect::StartTransfer>(begun).size(), 1U);
  EXPECT_EQ(all<effect::StartTransfer>(begun)[0].request.standing,
            core::Standing(base::Priority::low, base::Priority::high));
  const auto urgent = turn([&](Draft& draft) {
    draft.edit(job, engine::Weight::soft).rare.set(&core::RareOfJob::urgency, core::Urgency::beside);
  });
  ASSERT_EQ(all<effect::SetStanding>(urgent).size(), 1U);
  EXPECT_EQ(all<effect::SetStanding>(urgent)[0].transfer, transfer_of(job));
  EXPECT_EQ(all<effect::SetStanding>(urgent)[0].standing,
            core::Standing(base::Priority::low, base::Priority::foreground));
  const auto same = turn([&](Draft& draft) { draft.edit(job, engine::Weight::soft).modified = draft.now().wall; });
  EXPECT_FALSE(has<effect::SetStanding>(same)) << "it is the same";
}

TEST_F(Fetching, WhatIsStoppedInTheSameTurnNeverStarts) {
  const JobId job = add_running();
  ports::PartOpened opened{.transfer = transfer_of(job)};
  const auto effects = turn([&](Draft& draft) {
    parts.fetching.on(draft, opened);
    ASSERT_TRUE(step(draft, job, core::JobEvent::suspend));
  });
  EXPECT_FALSE(has<effect::StartTransfer>(effects));
  EXPECT_EQ(all<effect::ClosePart>(effects).size(), 1U);
}

TEST_F(Fetching, ARunIsOverWhenItsPartsAreClosedAndItsLateEventsAreDropped) {
  const JobId job = add_running();
  const base::TransferId transfer = transfer_of(job);
  turn([&](Draft& draft) { ASSERT_TRUE(step(draft, job, core::JobEvent::suspend)); });
  EXPECT_FALSE(parts.fetching.idle());
  EXPECT_FALSE(parts.idle());
  ports::PartClosed closed{.transfer = transfer};
  turn([&](Draft& draft) { parts.fetching.on(draft, closed); });
  EXPECT_TRUE(parts.fetching.idle());
  ports::PartStored late{.transfer = transfer, .stored = core::Extents::until(10)};
  Draft draft = this->draft();
  parts.fetching.on(draft, late);
  EXPECT_TRUE(draft.touched().empty());
}

TEST_F(Fetching, WhatAServerToldOfAFileThatFailsIsKeptWithTheError) {
  const JobId job = add_running();
  ports::PartOpened opened{.transfer = transfer_of(job)};
  turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
  ports::HeadReceived head{};
  head.transfer = opened.transfer;
  head.identity.size = 1000;
  head.headers = "Server: x";
  ports::TransferEnded ended{};
  ended.transfer = opened.transfer;
  ended.error = base::Error(base::Code::WINHTTP_CONNECTION_ERROR, base::ErrorContext::general_transport, "broken");
  Draft draft = this->draft();
  parts.fetching.on(draft, head);
  EXPECT_TRUE(draft.batch().files.empty()) << "worth no commit";
  parts.fetching.on(draft, ended);
  ASSERT_EQ(draft.batch().files.size(), 1U);
  EXPECT_EQ(draft.batch().files[0].remote_identity.size, 1000U);
  EXPECT_EQ(draft.batch().files[0].response_headers, "Server: x");
}

class ShortOfRoom : public Rig {
 protected:
  // A job whose server has answered runs out of room.
  JobId run_short(const char* method) {
    const JobId job = add_running();
    const base::TransferId transfer = transfer_of(job);
    turn([&](Draft& draft) {
      draft.edit(job, engine::Weight::hard).rare.edit().http_method = *core::judge_method(method);
    });
    ports::PartOpened opened{.transfer = transfer};
    turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
    ports::HeadReceived head{};
    head.transfer = transfer;
    turn([&](Draft& draft) { parts.fetching.on(draft, head); });
    EXPECT_EQ(row(job).state, JobState::transferring);
    ports::TransferEnded ended{};
    ended.transfer = transfer;
    ended.error = base::Error(base::Code::TOO_MANY_OPEN_FILES, base::ErrorContext::general_transport, "");
    turn([&](Draft& draft) { parts.fetching.on(draft, ended); });
    return job;
  }
};

TEST_F(ShortOfRoom, AJobLosesItsTurnAlone) {
  const JobId job = run_short("GET");
  EXPECT_EQ(row(job).state, JobState::queued);
  EXPECT_EQ(row(job).error_count, 0U);
}

// What it asked for may have been done.
TEST_F(ShortOfRoom, AJobOfAnotherMethodHasFailed) {
  const JobId job = run_short("POST");
  EXPECT_EQ(row(job).state, JobState::error);
  EXPECT_EQ(row(job).error_count, 1U);
}

TEST_F(Fetching, ADraftThatIsDroppedLeavesNoTrace) {
  const JobId job = add_running();
  const engine::Parts before = parts;
  {
    Draft draft = this->draft();
    ports::PartOpened opened{.transfer = transfer_of(job)};
    ports::PartStored stored{.transfer = transfer_of(job), .stored = core::Extents::until(1000), .final = true};
    parts.fetching.on(draft, opened);
    parts.fetching.on(draft, stored);
    settle(draft);
    EXPECT_EQ(draft.job(job)->state, JobState::transferred);
  }
  EXPECT_TRUE(parts == before);
  EXPECT_EQ(row(job).state, JobState::connecting);
}

// The address may be another one when somebody asks for the error.
TEST_F(Fetching, AnErrorKnowsWhetherItsFileWasOneOfThisMachine) {
  for (const bool of_this_machine : {false, true}) {
    const JobId job = add_running(of_this_machine ? "y" : "x");
    const auto transfer = transfer_of(job);
    turn([&](Draft& draft) {
      if (of_this_machine)
        draft.edit_file(job, 0, engine::Weight::hard, [](core::File& file) { file.remote = "file:///y"; });
    });
    ports::PartOpened opened{.transfer = transfer};
    ports::TransferEnded ended{.transfer = transfer,
                               .error = base::Error(base::Code::FILE_NOT_FOUND, base::ErrorContext::remote_file, "none"),
                               .retry_after = {},
                               .unknown_server = {},
                               .doubt = {},
                               .origin = {}};
    turn([&](Draft& draft) {
      parts.fetching.on(draft, opened);
      parts.fetching.on(draft, ended);
    });
    ASSERT_EQ(row(job).state, JobState::error);
    EXPECT_EQ(row(job).error->of_this_machine, of_this_machine);
  }
}

TEST_F(Fetching, AServersWishHoldsTheOtherJobsThatWouldGoThere) {
  const JobId job = add_running();
  const JobId other = add(JobState::queued, "y");
  ports::PartOpened opened{.transfer = transfer_of(job)};
  turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
  ports::TransferEnded ended{.transfer = transfer_of(job),
                             .error = base::Error(base::http_code(503),
                                                  base::ErrorContext::remote_file, "busy"),
                             .retry_after = 60s,
                             .unknown_server = {},
                             .doubt = {},
                             .origin = "http://host:80"};
  const auto effects = turn([&](Draft& draft) {
    parts.fetching.on(draft, ended);
    parts.scheduling.schedule(draft);  // it knows in the same turn
  });
  EXPECT_EQ(row(job).state, JobState::transient_error);
  EXPECT_EQ(row(other).state, JobState::queued);
  EXPECT_EQ(parts.fetching.next(), context.now().boot + 60s);
}

TEST_F(Fetching, AServersWishHoldsAlsoWhomARedirectWouldLeadThere) {
  const JobId first = add_running();
  ports::PartOpened opened{.transfer = transfer_of(first)};
  ports::TransferEnded ended{.transfer = transfer_of(first),
                             .error = base::Error(base::http_code(503),
                                                  base::ErrorContext::remote_file, "busy"),
                             .retry_after = 60s,
                             .unknown_server = {},
                             .doubt = {},
                             .origin = "http://busy:80"};
  turn([&](Draft& draft) {
    parts.fetching.on(draft, opened);
    parts.fetching.on(draft, ended);
  });
  const JobId job = add_running("y");
  opened.transfer = ended.transfer = transfer_of(job);
  const auto effects = turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
  ASSERT_EQ(all<effect::StartTransfer>(effects).size(), 1U);
  EXPECT_EQ(all<effect::StartTransfer>(effects)[0].request.record.held_off,
            std::set<std::string>{"http://busy:80"});
  ended.retry_after.reset();
  ended.origin = "http://busy:80";
  ended.error = base::Error(base::http_code(503), base::ErrorContext::remote_file, "redirects");
  turn([&](Draft& draft) { parts.fetching.on(draft, ended); });
  EXPECT_EQ(row(job).state, JobState::transient_error);
  ASSERT_TRUE(row(job).server_wish);
  EXPECT_EQ(row(job).server_wish->origin, "http://busy:80");
  EXPECT_EQ(context.clocks.resolve(row(job).server_wish->until), context.now().boot + 60s);
}

// What was told on the way of one owner becomes nobody else's by a redirect that leads there.
TEST_F(Fetching, AWishForTheJobsOfOneOwnerStaysTheirs) {
  const JobId job = add_running();
  const std::uint32_t owner = row(job).owner_uid;
  turn([&](Draft& draft) { draft.edit_holds().hold("http://busy:80", context.now().boot + 60s, {}, owner); });
  ports::PartOpened opened{.transfer = transfer_of(job)};
  ports::TransferEnded ended{.transfer = transfer_of(job),
                             .error = base::Error(base::http_code(503),
                                                  base::ErrorContext::remote_file, "redirects"),
                             .retry_after = {},
                             .unknown_server = {},
                             .doubt = {},
                             .origin = "http://busy:80"};
  const auto effects = turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
  ASSERT_EQ(all<effect::StartTransfer>(effects).size(), 1U);
  EXPECT_EQ(all<effect::StartTransfer>(effects)[0].request.record.held_off, std::set<std::string>{"http://busy:80"});
  turn([&](Draft& draft) { parts.fetching.on(draft, ended); });
  ASSERT_TRUE(row(job).server_wish);
  EXPECT_FALSE(row(job).server_wish->for_all);
  const base::BootTime now = context.now().boot;
  EXPECT_EQ(parts.fetching.holds().find("http://busy:80", owner + 1, now), nullptr);
  EXPECT_NE(parts.fetching.holds().find("http://busy:80", owner, now), nullptr);
}

// A file with many gaps is asked for over hours: what its transfer was told at its begin would be stale.
TEST_F(Fetching, WhoIsUnderWayIsToldAnewWhereNoRedirectMayLead) {
  const JobId job = add_running();
  ports::PartOpened opened{.transfer = transfer_of(job)};
  turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
  const auto told = [&](const auto& change) { return all<effect::HoldOff>(turn(change)); };
  EXPECT_TRUE(told([](Draft&) {}).empty()) << "nothing is another matter";
  auto news = told([&](Draft& draft) { draft.edit_holds().hold("http://busy:80", context.now().boot + 60s); });
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].transfer, opened.transfer);
  EXPECT_EQ(news[0].origins, std::set<std::string>{"http://busy:80"});
  EXPECT_TRUE(told([](Draft&) {}).empty());
  stage.timeline.skip_to(stage.timeline.now() + 60s);
  context.clocks.read();
  news = told([](Draft&) {});
  ASSERT_EQ(news.size(), 1U) << "the wish is over";
  EXPECT_TRUE(news[0].origins.empty());
  EXPECT_TRUE(told([](Draft&) {}).empty());
}

TEST_F(Fetching, OnlyTheOwnerGoesPastAServersWish) {
  engine::Holds holds;
  const JobId job = add(JobState::queued);
  holds.hold("http://busy:80", context.now().boot + 60s);
  EXPECT_EQ(holds.held_from(row(job), context.now().boot).size(), 1U);
  EXPECT_TRUE(holds.held_from(row(job), context.now().boot + 60s).empty());
  holds.insist(job);
  EXPECT_TRUE(holds.held_from(row(job), context.now().boot).empty());
}

// A page in its place is told by its end only, and must not begin the count again each time.
TEST_F(Fetching, ContradictionsCountOnWhileTheWholeComesBesideAndEndWithIt) {
  const JobId job = add_running();
  const auto doubts = [&] { return context.table.find(job)->files[0].rare->doubts; };
  turn([&](Draft& draft) {
    draft.edit_file(job, 0, engine::Weight::hard, [](core::File& file) {
      file.stored = core::Extents::until(300);
      file.rare.edit().doubts = core::Doubts{.contradictions = 2};
    });
  });
  ports::PartOpened opened{.transfer = transfer_of(job), .stored = core::Extents::until(300)};
  ports::HeadReceived head{.transfer = opened.transfer, .identity = {.size = 1000},
                           .restarted = true, .beside = true, .epoch = 1};
  turn([&](Draft& draft) {
    parts.fetching.on(draft, opened);
    parts.fetching.on(draft, head);
  });
  ASSERT_TRUE(doubts());
  EXPECT_EQ(doubts()->contradictions, 2U);
  ports::PartStored stored{.transfer = opened.transfer, .epoch = 1,
                           .stored = core::Extents::until(1000), .final = true};
  turn([&](Draft& draft) { parts.fetching.on(draft, stored); });
  EXPECT_FALSE(doubts());
}

// A body that its Content-Digest denies (RFC 9530) may have been stored before its end, and may be later.
TEST_F(Fetching, WhatTheDigestOfItsAnswerDeniesIsHeldNoMoreAndCountsInARow) {
  const JobId job = add_running();
  const auto file = [&]() -> const core::File& { return context.table.find(job)->files[0]; };
  turn([&](Draft& draft) {
    draft.edit_file(job, 0, engine::Weight::hard, [](core::File& row) {
      row.stored = core::Extents::until(300);
      row.rare.edit().doubts = core::Doubts{.contradictions = 1};
    });
  });
  ports::PartOpened opened{.transfer = transfer_of(job), .stored = core::Extents::until(300)};
  ports::HeadReceived head{.transfer = opened.transfer, .identity = {.size = 1000}, .unchecked = true};
  ports::PartStored stored{.transfer = opened.transfer, .stored = core::Extents::until(700), .tail = 7};
  turn([&](Draft& draft) {
    parts.fetching.on(draft, opened);
    parts.fetching.on(draft, head);
    parts.fetching.on(draft, stored);
  });
  ASSERT_TRUE(file().rare->doubts) << "the end of its body decides";
  EXPECT_EQ(file().stored, core::Extents::until(700));
  ports::TransferEnded ended{.transfer = opened.transfer,
                             .error = base::Error(base::Code::WINHTTP_INVALID_SERVER_RESPONSE),
                             .retry_after = {},
                             .unknown_server = {},
                             .doubt = core::Doubt::contradiction};
  ended.denied.add({300, 1000});
  turn([&](Draft& draft) { parts.fetching.on(draft, ended); });
  EXPECT_EQ(file().stored, core::Extents::until(300)) << "before its part is closed";
  EXPECT_EQ(file().tail, 0U);
  ASSERT_TRUE(file().rare->doubts);
  EXPECT_EQ(file().rare->doubts->contradictions, 2U);
  stored.stored = core::Extents::until(1000);
  turn([&](Draft& draft) { parts.fetching.on(draft, stored); });
  EXPECT_EQ(file().stored, core::Extents::until(300));
  EXPECT_EQ(file().tail, 0U);
}

// Its transfer may have been stopped just before that became known.
TEST_F(Fetching, WhatIsDeniedOfAJobThatWasSuspendedIsHeldNoMore) {
  const JobId job = add_running();
  ports::PartOpened opened{.transfer = transfer_of(job)};
  ports::PartStored stored{.transfer = opened.transfer, .stored = core::Extents::until(700)};
  turn([&](Draft& draft) {
    parts.fetching.on(draft, opened);
    parts.fetching.on(draft, stored);
    ASSERT_TRUE(step(draft, job, core::JobEvent::suspend));
  });
  ports::TransferEnded ended{.transfer = opened.transfer,
                             .error = base::Error(base::Code::WINHTTP_INVALID_SERVER_RESPONSE),
                             .retry_after = {},
                             .unknown_server = {},
                             .doubt = core::Doubt::contradiction};
  ended.denied.add({0, 1000});
  turn([&](Draft& draft) { parts.fetching.on(draft, ended); });
  EXPECT_TRUE(context.table.find(job)->files[0].stored.empty());
}

TEST_F(Fetching, WhatWasAskedForAheadAndIsDeniedIsAskedForStill) {
  const JobId job = add(JobState::queued);
  const auto asked = [&] { return context.table.find(job)->files[0].rare->demand->asked; };
  turn([&](Draft& draft) {
    draft.edit_file(job, 0, engine::Weight::hard, [](core::File& row) {
      row.remote_identity.size = 1000;
      row.rare.set(&core::RareOfFile::demand, core::Demand{.asked = {{300, 500}}});
    });
  });
  turn([&](Draft& draft) { parts.scheduling.schedule(draft); });
  ports::PartOpened opened{.transfer = transfer_of(job)};
  turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
  ports::PartStored stored{.transfer = opened.transfer};
  stored.stored.add({300, 400});
  turn([&](Draft& draft) { parts.fetching.on(draft, stored); });
  ASSERT_EQ(asked(), (std::vector<core::Extent>{{400, 500}}));
  ports::TransferEnded ended{.transfer = opened.transfer,
                             .error = base::Error(base::Code::WINHTTP_INVALID_SERVER_RESPONSE),
                             .retry_after = {},
                             .unknown_server = {},
                             .doubt = core::Doubt::contradiction};
  ended.denied.add({300, 500});
  turn([&](Draft& draft) { parts.fetching.on(draft, ended); });
  EXPECT_EQ(asked(), (std::vector<core::Extent>{{300, 400}, {400, 500}}));
  EXPECT_TRUE(context.table.find(job)->files[0].stored.empty());
}

// Until then it has to be named, wherever a crash or a power failure left it.
TEST_F(Fetching, APartBesideOneThatIsWholeIsDeletedAndStaysOnRecordUntilTheEnd) {
  const JobId job = add_running();
  turn([&](Draft& draft) {
    draft.edit_file(job, 0, engine::Weight::hard, [](core::File& file) {
      file.rare.edit().fresh = core::FreshPart{.epoch = 6, .offset = 500, .device = 1, .inode = 2};
    });
  });
  ports::PartOpened opened{.transfer = transfer_of(job)};
  ports::PartStored stored{.transfer = transfer_of(job), .stored = core::Extents::until(1000), .final = true};
  auto effects = turn([&](Draft& draft) {
    parts.fetching.on(draft, opened);
    parts.fetching.on(draft, stored);
  });
  const auto sweeps = all<effect::Sweep>(effects);
  ASSERT_EQ(sweeps.size(), 1U);
  EXPECT_EQ(sweeps[0].request.keep.epoch, 0U);
  EXPECT_FALSE(sweeps[0].request.beside);
  EXPECT_EQ(sweeps[0].request.newest, 6U);
  ports::PartClosed closed{.transfer = stored.transfer};
  effects = turn([&](Draft& draft) {
    parts.fetching.on(draft, closed);
    ASSERT_TRUE(step(draft, job, core::JobEvent::cancel));
  });
  const auto discards = all<effect::Discard>(effects);
  ASSERT_EQ(discards.size(), 1U);
  const auto names = [](const ports::PartRef& part) { return part.epoch == 6; };
  EXPECT_TRUE(std::ranges::any_of(discards[0].request.parts, names));
}

// Bytes may go into it that a crash leaves unrecorded, so the time of the last write is forgotten before the first.
TEST_F(Fetching, APartThatIsOpenHasNoLastWriteOnRecord) {
  const JobId job = add_running();
  turn([&](Draft& draft) {
    draft.edit_file(job, 0, engine::Weight::hard, [](core::File& file) {
      file.stored = core::Extents::until(300);
      file.device = file.inode = 3;
      file.last_write = 7;
    });
  });
  ports::PartOpened opened{
      .transfer = transfer_of(job), .stored = core::Extents::until(300), .device = 3, .inode = 3};
  bool worth_a_commit = false;
  turn([&](Draft& draft) {
    parts.fetching.on(draft, opened);
    worth_a_commit = draft.needs_commit();
  });
  EXPECT_TRUE(worth_a_commit);
  EXPECT_EQ(context.table.find(job)->files[0].last_write, 0U);
}

// A Complete that a crash cut short may have deleted both.
TEST_F(Fetching, WhereThePartIsLostNothingOfTheOneBesideItStaysOnRecord) {
  const JobId job = add_running();
  turn([&](Draft& draft) {
    draft.edit_file(job, 0, engine::Weight::hard, [](core::File& file) {
      file.stored = core::Extents::until(300);
      file.rare.edit().fresh = core::FreshPart{.epoch = 6, .offset = 500, .device = 1, .inode = 2};
    });
  });
  ports::PartOpened opened{.transfer = transfer_of(job), .inode = 3, .part_lost = true};
  const auto effects = turn([&](Draft& draft) { parts.fetching.on(draft, opened); });
  const core::File& file = context.table.find(job)->files[0];
  ASSERT_TRUE(file.rare->fresh);
  EXPECT_TRUE(*file.rare->fresh == core::FreshPart{.epoch = 6});
  const auto sweeps = all<effect::Sweep>(effects);
  ASSERT_EQ(sweeps.size(), 1U);
  EXPECT_FALSE(sweeps[0].request.beside);
  EXPECT_EQ(sweeps[0].request.newest, 6U);
}

}  // namespace
}  // namespace backhaul::parts
