// SPDX-License-Identifier: Apache-2.0
// What is told about jobs without a question, to whom, and that the annotations of the contract are
// true of it.
#include "tests/component/dbus/contract.h"
#include "tests/component/dbus/served.h"

namespace backhaul::test {
namespace {

using ports::Property;
using Objects = std::vector<std::pair<bus::ObjectPath, bus::JobInterfaces>>;

constexpr ports::Properties bits(Property property) {
  return static_cast<ports::Properties>(property);
}

// One that listens, and remembers what it heard.
class Listener {
 public:
  Listener(loop::Loop& loop, bus::Bus connection) : bus(std::move(connection)) {
    attached = bus.attach(loop.native()).has_value();
    match_ = bus.match(std::string("type='signal',sender='") + bus::service_name + "'",
                       [this](const bus::Message& message) { hear(message); });
  }

  std::size_t count(const std::string& member) const {
    return static_cast<std::size_t>(std::ranges::count(members, member));
  }

  bus::Bus bus;
  bool attached = false;
  std::vector<std::string> heard;     // "JobChanged Owner Modified", in their order
  std::vector<std::string> members;   // "JobChanged"
  std::set<std::string> destinations;  // where they were sent to; "": everybody
  bus::PropertyMap values;             // of the last PropertiesChanged
  std::vector<std::string> invalidated;
  std::string path;

 private:
  void hear(const bus::Message& message) {
    std::string line = message.member();
    members.push_back(line);
    destinations.insert(message.destination());
    if (message.member() == "JobChanged") {
      auto body = bus::read_body<bus::ObjectPath, std::vector<std::string>>(message);
      for (const std::string& name : std::get<1>(*body)) line += " " + name;
    } else if (message.member() == "PropertiesChanged") {
      auto body = bus::read_body<std::string, bus::PropertyMap, std::vector<std::string>>(message);
      EXPECT_EQ(std::get<0>(*body), bus::job_interface);
      values = std::get<1>(*body);
      invalidated = std::get<2>(*body);
      path = message.path();
    } else if (message.member() == "InterfacesAdded") {
      auto body = bus::read_body<bus::ObjectPath, bus::JobInterfaces>(message);
      ASSERT_TRUE(body && std::get<1>(*body).size() == 1);
      EXPECT_EQ(std::get<1>(*body)[0].first, bus::job_interface);
      line += " " + std::get<0>(*body).value + " " + std::get<1>(*body)[0].second.name;
    } else if (message.member() == "InterfacesRemoved") {
      auto body = bus::read_body<bus::ObjectPath, std::vector<std::string>>(message);
      EXPECT_EQ(std::get<1>(*body), std::vector<std::string>{bus::job_interface});
      line += " " + std::get<0>(*body).value;
    }
    heard.push_back(line);
  }

  bus::Slot match_;
};

class Signals : public Served {
 protected:
  void SetUp() override {
    Served::SetUp();
    listener_ = listen();
    ASSERT_TRUE(call(*listener_));
  }
  std::unique_ptr<Listener> listen() {
    auto listener = std::make_unique<Listener>(loop_, bus_.connect());
    EXPECT_TRUE(listener->attached);
    settle(*listener);  // its match stands
    return listener;
  }
  // Whatever was sent to it before has arrived.
  void settle(Listener& listener) {
    EXPECT_TRUE(test::ask<std::string>(loop_, listener.bus,
                                       {bus::daemon_name, bus::daemon_path, bus::daemon_interface,
                                        "GetId", bus::usual_limit}));
  }
  // Something harmless, so that the service knows it.
  bool call(Listener& listener) {
    return test::ask<std::vector<bus::ListedClass>>(loop_, listener.bus, manager("ListClasses"))
        .has_value();
  }
  bool heard(Listener& listener, const std::string& member, std::size_t times = 1) {
    return until([&] { return listener.count(member) >= times; });
  }

  std::unique_ptr<Listener> listener_;
};

TEST_F(Signals, StateChangesAreToldAtOnceTheRestIsMerged) {
  const base::JobId id{{9}};
  const auto& heard = listener_->heard;
  clients_->added(id);
  clients_->changed(id, bits(Property::owner), false);
  for (int n = 0; n < 100; ++n) clients_->changed(id, bits(Property::progress), false);
  ASSERT_TRUE(until([&] { return heard.size() == 3; }));
  EXPECT_EQ(heard[0], "JobAdded");
  EXPECT_EQ(heard[1], "JobChanged Owner Modified");
  // A hundred changes later: one signal, after the pause, with all of them.
  EXPECT_EQ(heard[2], "JobChanged BytesTotal BytesTransferred FilesTotal FilesTransferred "
                      "EndUntold VersionUntold Resumable Modified");
  clients_->changed(id, bits(Property::owner), false);
  clients_->changed(id, bits(Property::state), true);
  ASSERT_TRUE(until([&] { return heard.size() == 4; }));
  EXPECT_EQ(heard[3], "JobChanged State Waiting Transferred Started Error ErrorProtocol Owner Modified");
}

TEST_F(Signals, TheLastChangeOfAJobIsToldBeforeItsEnd) {
  const base::JobId id{{9}};
  clients_->changed(id, bits(Property::owner), true);
  clients_->changed(id, bits(Property::owner), false);
  clients_->removed(id);
  ASSERT_TRUE(until([&] { return listener_->heard.size() == 3; }));
  EXPECT_EQ(listener_->heard,
            (std::vector<std::string>{"JobChanged Owner Modified", "JobChanged Owner Modified",
                                      "JobRemoved"}));
}

// ---- PropertiesChanged --------------------------------------------------------------------------

TEST_F(Signals, TheAnnotationsOfTheContractAreTrue) {
  core::Job& job = queue_.add_job("n");
  clients_->changed(job.id, ~ports::Properties{0}, true);
  ASSERT_TRUE(heard(*listener_, "PropertiesChanged"));
  EXPECT_EQ(listener_->path, bus::job_path(job.id));
  const std::set<std::string> invalidated(listener_->invalidated.begin(),
                                          listener_->invalidated.end());
  for (const auto& [name, emits] : emissions(contract(bus::job_interface))) {
    const bool has_value = bus::find(listener_->values, name) != nullptr;
    if (emits == "true" || name == "Waiting")  // of Waiting it says "false", since it also ages
      EXPECT_TRUE(has_value && !invalidated.contains(name)) << name;
    else if (emits == "invalidates")
      EXPECT_TRUE(!has_value && invalidated.contains(name)) << name;
    else
      EXPECT_TRUE(!has_value && !invalidated.contains(name)) << name << " " << emits;
  }
  // Of objects that tell nothing the contract promises nothing; of the queue as a whole one thing is told
  // (service_queue_test).
  for (const char* interface : {bus::file_interface, bus::manager_interface})
    for (const auto& [name, emits] : emissions(contract(interface)))
      EXPECT_TRUE(emits == "const" || emits == "false" || name == "Idle") << name;
}

TEST_F(Signals, ValuesAreThoseThatAQuestionIsAnswered) {
  core::Job& job = queue_.add_job("n", base::JobState::queued);
  job.priority = base::Priority::high;
  clients_->changed(job.id, Property::state | Property::settings, true);
  ASSERT_TRUE(heard(*listener_, "PropertiesChanged"));
  const auto all = test::ask<bus::PropertyMap>(
      loop_, listener_->bus, to(bus::job_path(job.id), bus::properties_interface, "GetAll"),
      std::string(bus::job_interface));
  ASSERT_TRUE(all);
  EXPECT_GE(listener_->values.size(), 10U);
  for (const auto& [name, value] : listener_->values) {
    ASSERT_NE(bus::find(std::get<0>(*all), name), nullptr) << name;
    EXPECT_EQ(*bus::find(std::get<0>(*all), name), value) << name;
  }
  EXPECT_EQ(bus::find(listener_->values, "NotifyFlags"), nullptr);  // did not change
}

TEST_F(Signals, AJobThatEndsShowsThatItLetsGoOfItsObjects) {
  core::Job& job = queue_.add_job("n", base::JobState::acknowledged);
  clients_->changed(job.id, bits(Property::state), true);
  ASSERT_TRUE(heard(*listener_, "PropertiesChanged"));
  EXPECT_NE(bus::find(listener_->values, "NotifyObject"), nullptr);
  clients_->changed(job.id, Property::state | Property::notify, true);
  ASSERT_TRUE(heard(*listener_, "PropertiesChanged", 2));
  EXPECT_EQ(std::ranges::count(listener_->values, "NotifyObject",
                               &bus::PropertyMap::value_type::first),
            1);
}

TEST_F(Signals, AChangeIsHeardBeforeItsCallIsAnswered) {
  core::Job& job = queue_.add_job("n");
  std::vector<std::string> order;
  const bus::Slot answer = listener_->bus.call_async<>(
      Served::job(job, "Suspend"), [&](const bus::Outcome<>&) { order = listener_->members; });
  ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  clients_->changed(job.id, bits(Property::state), true);
  queue_.answer(ports::ReplyValue{});
  ASSERT_TRUE(until([&] { return !order.empty(); }));
  EXPECT_EQ(order, (std::vector<std::string>{"JobChanged", "PropertiesChanged"}));
}

// ---- the audience -------------------------------------------------------------------------------

TEST_F(Signals, ValuesGoToThoseWhoCalledAndMayRead) {
  const auto silent = listen();
  const auto barred = listen();
  ASSERT_TRUE(call(*barred));
  core::Job& job = queue_.add_job("n");
  ASSERT_TRUE(test::ask<bus::ObjectPath>(loop_, barred->bus, manager("GetJob"),
                                         base::to_string(job.id)));
  queue_.hidden_from.insert(queue_.callers.back().peer);
  clients_->changed(job.id, bits(Property::state), true);
  ASSERT_TRUE(heard(*listener_, "PropertiesChanged"));
  settle(*silent);
  settle(*barred);
  EXPECT_EQ(silent->members, std::vector<std::string>{"JobChanged"});
  EXPECT_EQ(barred->members, std::vector<std::string>{"JobChanged"});
  EXPECT_EQ(listener_->destinations, (std::set<std::string>{"", listener_->bus.unique_name()}));
}

class SharedBus : public Signals {
 protected:
  SharedBus() { audience_ = dbus::Audience::callers; }
};

TEST_F(SharedBus, NothingIsEverBroadcast) {
  const auto silent = listen();
  const auto barred = listen();
  core::Job& job = queue_.add_job("n");
  ASSERT_TRUE(test::ask<bus::ObjectPath>(loop_, barred->bus, manager("GetJob"),
                                         base::to_string(job.id)));
  queue_.hidden_from.insert(queue_.callers.back().peer);
  clients_->added(job.id);
  clients_->changed(job.id, bits(Property::state), true);
  clients_->removed(job.id);
  ASSERT_TRUE(heard(*listener_, "JobRemoved"));
  settle(*silent);
  settle(*barred);
  EXPECT_EQ(silent->members, std::vector<std::string>{});
  EXPECT_EQ(barred->members, std::vector<std::string>{});
  EXPECT_EQ(listener_->members, (std::vector<std::string>{"JobAdded", "JobChanged",
                                                          "PropertiesChanged", "JobRemoved"}));
  EXPECT_EQ(listener_->destinations, std::set<std::string>{listener_->bus.unique_name()});
}

TEST_F(SharedBus, TheEndIsToldAlsoOfAJobWhoseRowIsGone) {
  const base::JobId id = queue_.add_job("n").id;
  clients_->removed(id);
  queue_.jobs.clear();  // many ended in one turn
  ASSERT_TRUE(heard(*listener_, "JobRemoved"));
}

// ---- managed objects ----------------------------------------------------------------------------

class Managed : public Signals {
 protected:
  bus::Outcome<Objects> objects() {
    return test::ask<Objects>(loop_, listener_->bus,
                              to(bus::root_path, bus::object_manager_interface,
                                 "GetManagedObjects"));
  }
};

TEST_F(Managed, AreTheJobsOfTheCallerWithAllTheirProperties) {
  for (int n = 0; n < 1000; ++n) queue_.add_job("job " + std::to_string(n));
  const auto answer = objects();
  ASSERT_TRUE(answer) << answer.error().text;
  ASSERT_EQ(std::get<0>(*answer).size(), 1000U);
  const auto& [path, interfaces] = std::get<0>(*answer)[7];
  EXPECT_EQ(path.value, bus::job_path(queue_.jobs[7].id));
  ASSERT_EQ(interfaces.size(), 1U);
  EXPECT_EQ(interfaces[0].first, bus::job_interface);
  EXPECT_EQ(interfaces[0].second.name, "job 7");
  EXPECT_EQ(interfaces[0].second.bytes_transferred, 40U);
  EXPECT_EQ(queue_.filters.back().states, 0U);  // those that have not ended
  EXPECT_FALSE(queue_.filters.back().all_users);
}

TEST_F(Managed, OfMoreThanFitTheAnswerSaysWhoHasThem) {
  for (int n = 0; n < 1001; ++n) queue_.add_job("n");
  const auto answer = objects();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().name, "org.freedesktop.DBus.Error.LimitsExceeded");
  EXPECT_NE(answer.error().text.find("ListJobs"), std::string::npos);
}

TEST_F(Managed, WhatComesAndGoesIsToldToThoseWhoAsked) {
  const auto other = listen();  // calls, but keeps no objects
  ASSERT_TRUE(call(*other));
  ASSERT_TRUE(objects());
  const core::Job& job = queue_.add_job("fresh");
  clients_->added(job.id);
  clients_->changed(job.id, bits(Property::state), true);
  clients_->removed(job.id);
  ASSERT_TRUE(heard(*listener_, "InterfacesRemoved"));
  const std::string path = bus::job_path(job.id);
  std::vector<std::string> told = listener_->heard;
  std::erase_if(told, [](const std::string& line) { return line.starts_with("Job"); });
  EXPECT_EQ(told, (std::vector<std::string>{"InterfacesAdded " + path + " fresh",
                                            "PropertiesChanged", "InterfacesRemoved " + path}));
  settle(*other);
  EXPECT_EQ(other->count("InterfacesAdded"), 0U);
  EXPECT_EQ(other->count("PropertiesChanged"), 1U);
}

// ---- who does not read --------------------------------------------------------------------------

class DeafBus : public SharedBus {
 protected:
  DeafBus() { limits_ = {.calls = 64, .waiting = 64, .unread = 16 * 1024}; }
};

TEST_F(DeafBus, WhoDoesNotReadIsToldHowThingsStandWhenItReadsAgain) {
  bus::Bus deaf = bus_.connect();
  deaf.send(manager("ListClasses"));
  deaf.flush();
  core::Job& job = queue_.add_job("first");
  core::Job& ended = queue_.add_job("ends");
  const base::JobId end = ended.id;
  constexpr int changes = 200;
  // The listener beside it reads, so what it heard tells when the service is through.
  for (int n = 0; n < changes; ++n) {
    job.name = "name " + std::to_string(n);
    clients_->changed(job.id, bits(Property::settings), true);
    ASSERT_TRUE(heard(*listener_, "PropertiesChanged", static_cast<std::size_t>(n) + 1));
  }
  core::Job& fresh = queue_.add_job("fresh");
  clients_->added(fresh.id);
  clients_->removed(end);
  ASSERT_TRUE(heard(*listener_, "JobRemoved"));

  std::map<std::string, int> members;
  bus::PropertyMap last;
  const bus::Slot match = deaf.match("type='signal'", [&](const bus::Message& message) {
    ++members[message.member()];
    if (message.member() != "PropertiesChanged") return;
    auto body = bus::read_body<std::string, bus::PropertyMap, std::vector<std::string>>(message);
    last = std::get<1>(*body);
  });
  ASSERT_TRUE(deaf.attach(loop_.native()));
  ASSERT_TRUE(until([&] { return members["JobRemoved"] == 1 && members["JobAdded"] == 1; }));
  ASSERT_TRUE(until([&] {
    const bus::Variant* name = bus::find(last, "Name");
    return name != nullptr && *name == bus::Variant{"name " + std::to_string(changes - 1)};
  }));
  EXPECT_LT(members["PropertiesChanged"], changes / 2);
  EXPECT_EQ(members["PropertiesChanged"], members["JobChanged"]);
}

}  // namespace
}  // namespace backhaul::test
