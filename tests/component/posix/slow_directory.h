// SPDX-License-Identifier: Apache-2.0
// A directory on a server that does not answer: as long as this lives, whoever looks at it waits. There
// may be several. The test program's own stat() stands in front of that of the C library.
#pragma once

#include <string>

namespace backhaul::test {

class SlowDirectory {
 public:
  explicit SlowDirectory(const std::string& path);
  ~SlowDirectory();  // it answers; waits until nobody is in any of them
  SlowDirectory(const SlowDirectory&) = delete;
  SlowDirectory& operator=(const SlowDirectory&) = delete;

  static int inside();  // how many threads wait, for whichever

 private:
  const std::string path_;
};

}  // namespace backhaul::test
