// SPDX-License-Identifier: Apache-2.0
// Where polkit wants somebody's password before the jobs of others are touched, an agent asks for it. A desktop has one;
// on a console and over ssh there is none, and the call would be refused. So such a command starts the one that polkit
// brings for a terminal, as systemctl does.
#pragma once

#include <sys/types.h>

#include "cli/arguments.h"

namespace backhaul::cli {

// Where a command runs.
struct Seat {
  bool of_machine = false;  // its service is that of the machine: the one that asks polkit
  bool root = false;        // who is not asked about
  bool terminal = false;    // all three streams are one: somebody sits there, and no program reads what is written
};

// Whether the words may be about what is not one's own, and somebody can be asked.
bool needs_password_agent(const Arguments& arguments, const Seat& seat);

// pkttyagent for this process, where it is installed; it ends with this object, and in any case with the process.
class PasswordAgent {
 public:
  PasswordAgent();
  ~PasswordAgent();
  PasswordAgent(const PasswordAgent&) = delete;
  PasswordAgent& operator=(const PasswordAgent&) = delete;

  // Until polkit knows it; a call before that would be refused.
  void wait_until_ready();

 private:
  pid_t child_ = -1;
  int ready_ = -1;  // of a pipe whose other end it closes then
};

}  // namespace backhaul::cli
