// SPDX-License-Identifier: Apache-2.0
// What is shown while somebody waits for jobs, on standard error: a bar that redraws itself, a line
// for every change, or events for machines. get, wait and start --wait look the same.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/terminal.h"

namespace backhaul::cli {

enum class Form { none, bar, line, json };

// `word`: of --progress, or null; `pipe`: what "auto" is off a terminal.
Form form_of(const std::string* word, bool quiet, bool terminal, Form pipe);

class Display {
 public:
  Display(const Terminal& terminal, Form form) : terminal_(terminal), form_(form) {}
  ~Display() { clear(); }
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;

  // How long it shows the truth by itself: a bar is drawn again, and a line says when a wait drags on. None: until
  // something happens.
  std::optional<std::chrono::milliseconds> pause(const std::vector<JobView>& jobs) const;
  bool shows() const { return form_ != Form::none; }
  void resized();
  // What the jobs look like now; one bar for all of them.
  void show(const std::string& label, std::vector<JobView> jobs);
  // A job is over for whoever waited, with this exit code: the last event of it.
  void end(const JobView& job, Exit exit);
  // The bar makes room for a line of text.
  void clear();

 private:
  void draw(const std::string& label, const std::vector<JobView>& jobs);
  void line(const JobView& job, const JobView* before);
  void event(const JobView& job, const JobView* before);

  Terminal terminal_;
  const Form form_;
  std::map<std::string, RateMeter> meters_;
  std::map<std::string, JobView> last_;
  bool drawn_ = false;
  std::size_t width_ = 0;
};

}  // namespace backhaul::cli
