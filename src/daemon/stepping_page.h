// SPDX-License-Identifier: Apache-2.0
// The CrashPage as a mapped file of one page, `stepping` in the state folder. A shared mapping
// belongs to the kernel: what was stored before a crash of the process is there after it, without
// any system call per step. (It need not survive a power failure: that is no fault of a job.)
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "ports/crash_page.h"

namespace backhaul::daemon {

class SteppingPage final : public ports::CrashPage {
 public:
  // Counts the end of the previous run: inside a step of the same job as the run before it, inside
  // a step of another job, or outside of any.
  static base::Result<std::unique_ptr<SteppingPage>> open(const std::string& state_folder);
  ~SteppingPage() override;
  SteppingPage(const SteppingPage&) = delete;
  SteppingPage& operator=(const SteppingPage&) = delete;

  void begin(const base::JobId& job) override;
  void end() override;
  std::optional<base::JobId> poisoned() const override;

 private:
  struct Page;
  explicit SteppingPage(Page* page) : page_(page) {}

  Page* page_;
};

}  // namespace backhaul::daemon
