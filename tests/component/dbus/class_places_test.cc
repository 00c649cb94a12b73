// SPDX-License-Identifier: Apache-2.0
// Of a service of many owners: which classes are told on this bus, and which in the session of their owner.
#include "tests/component/dbus/served.h"

namespace backhaul::test {
namespace {

class ClassPlaces : public Served {
 protected:
  ClassPlaces() {
    in_sessions_ = {.notify = [this](ports::Notification told) { elsewhere_.push_back(std::move(told)); },
                    .release = [this](const base::JobId& job) { released_.push_back(job); }};
  }
  void notify(const std::string& name, std::uint32_t owner = 1000) {
    ports::Notification told;
    told.ticket = base::Ticket{++last_};
    told.owner.uid = owner;
    told.kind = core::NotifyKind::job_transferred;
    told.job.bytes[0] = 7;
    told.target = ports::ClassTarget{{.name = name, .path = "/org/example"}, std::chrono::seconds(60)};
    adapter_->notify(std::move(told));
  }
  bool ended_here() {
    return until([&] { return !inbox_.all<ports::DeliveryEnded>().empty(); });
  }

  std::vector<ports::Notification> elsewhere_;
  std::vector<base::JobId> released_;
  std::uint64_t last_ = 0;
};

TEST_F(ClassPlaces, OneThatNobodyInstalledHereIsToldInASession) {
  notify("org.example.OfUser");
  EXPECT_TRUE(until([&] { return elsewhere_.size() == 1; }));
  EXPECT_TRUE(inbox_.all<ports::DeliveryEnded>().empty());
}

TEST_F(ClassPlaces, OneThatThisBusStartsIsToldHere) {
  bus_.add_service("org.example.OfMachine", {"/bin/false"});
  notify("org.example.OfMachine");
  EXPECT_TRUE(ended_here());
  EXPECT_TRUE(elsewhere_.empty());
}

TEST_F(ClassPlaces, OneThatThisBusStartsIsToldHereAlsoWhereTheBusHasNotNoticedIt) {
  bus_.add_unnoticed_service("org.example.OfMachine", {"/bin/false"});
  notify("org.example.OfMachine");
  EXPECT_TRUE(ended_here());
  EXPECT_TRUE(elsewhere_.empty());
}

TEST_F(ClassPlaces, OneThatRunsHereIsToldHere) {
  ASSERT_TRUE(client_.request_name("org.example.Running"));
  notify("org.example.Running");
  EXPECT_TRUE(ended_here());
  EXPECT_TRUE(elsewhere_.empty());
}

TEST_F(ClassPlaces, RootHasNoSession) {
  notify("org.example.OfUser", 0);
  EXPECT_TRUE(ended_here());
  EXPECT_TRUE(elsewhere_.empty());
}

TEST_F(ClassPlaces, AnInstanceThatIsNotNeededAnyMoreIsNotMade) {
  notify("org.example.OfUser");
  base::JobId job;
  job.bytes[0] = 7;
  adapter_->release_instance(job);
  ASSERT_TRUE(ended_here());
  EXPECT_EQ(inbox_.all<ports::DeliveryEnded>()[0].result, base::Code::E_ABORT);
  EXPECT_TRUE(elsewhere_.empty());
  EXPECT_EQ(released_.size(), 1U);
}

}  // namespace
}  // namespace backhaul::test
