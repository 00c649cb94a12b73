// SPDX-License-Identifier: Apache-2.0
// Threads that read files of this machine. A file may lie on a server that does not answer, and who reads it
// then is in the kernel for as long as that lasts: nobody else waits behind it.
#pragma once

#include <memory>
#include <vector>

#include "loop/loop.h"

namespace backhaul::posix {

class Readers {
 public:
  // `most`: so many dead files at once hold up the others.
  explicit Readers(loop::Loop& loop, unsigned most = 64) : loop_(loop), most_(most) {}

  // As loop::Worker::submit, on a thread that has nothing else to do.
  void submit(loop::Worker::Work work);

 private:
  loop::Loop& loop_;
  const unsigned most_;
  std::vector<std::unique_ptr<loop::Worker>> threads_;  // one each
};

}  // namespace backhaul::posix
