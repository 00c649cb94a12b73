// SPDX-License-Identifier: Apache-2.0
// Stories about who is told what: listeners of every kind, and the history reduced to what they
// hear.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>

#include "tests/stories/story.h"

namespace backhaul::stories {

using sim::Ending;

// Notify flags by their numbers, as programs know them.
inline constexpr std::uint32_t transferred = 1, error = 2, disable = 4, modification = 8,
                               files = 16, ranges = 32;

class NotifiedStory : public Story {
 public:
  using Story::Story;

  static JobChange with_flags(std::uint32_t flags) {
    JobChange change;
    change.notify_flags = flags;
    return change;
  }
  static JobChange with_command(const std::string& program = "/bin/p",
                                const std::string& parameters = "p") {
    JobChange change;
    change.command = core::CommandRegistration{program, parameters, 0};
    return change;
  }
  void set_flags(const JobId& job, std::uint32_t flags) { change(job, with_flags(flags)); }
  void set_command(const JobId& job) { change(job, with_command()); }
  void set_command(const JobId& job, const std::string& program, const std::string& parameters) {
    change(job, with_command(program, parameters));
  }
  void set_interval(const JobId& job, std::uint32_t milliseconds) {
    JobChange change;
    change.notification_interval = milliseconds;
    this->change(job, change);
  }
  // Something changes that nobody but a modification tells.
  void touch(const JobId& job) {
    JobChange change;
    change.description = "change " + std::to_string(++touches_);
    this->change(job, change);
  }
  // An object that answers the second callback interface, which file events need.
  void set_object_2(const JobId& job, Program& by, const std::string& path = "/o") {
    core::ObjectRegistration object;
    object.bus_id = world.bus.id();
    object.unique_name = by.unique_name;
    object.path = path;
    object.level = 2;
    object.uid = by.uid;
    world.submit("SetObject", by.caller(), ports::command::SetObject{job, object});
    run(0s);
  }
  // Returns from the call in which it hangs.
  void answer(Program& program, Code result) {
    world.notifier.return_from_call(program, result);
    run(0s);
  }
  // The reply to SetValidationState.
  std::string validate(const JobId& job, std::uint32_t file, bool valid) {
    const auto id = world
                        .submit("SetValidationState", alice.caller(),
                                ports::command::SetValidationState{job, file, valid})
                        .id;
    run(0s);
    const auto& reply = *world.clients.call(id).reply;
    return reply ? "S_OK" : base::symbol(reply.error().code);
  }
  void next_programs(std::initializer_list<Ending> endings) {
    world.launcher.endings.assign(endings);
  }
  // The history since this was asked last, reduced to calls of objects and classes and to programs.
  std::string heard() {
    std::istringstream history(told());
    std::string text = "\n";
    for (std::string line; std::getline(history, line);)
      for (const char* of_interest : {" JobTransferred of", " JobError of", " JobModification of",
                                      " FileTransferred of", " program /"})
        if (line.find(of_interest) != std::string::npos) text += line + "\n";
    return text;
  }
  // A server that answers no request for this file; its job ends in ERROR at once.
  void make_unavailable(const std::string& name) {
    serve(name, 1000).always = sim::Fault{sim::FaultKind::status, 404, {}};
  }
  void repair(const std::string& name) { world.origin.find("http://host/" + name)->always.reset(); }

 private:
  int touches_ = 0;
};

}  // namespace backhaul::stories
