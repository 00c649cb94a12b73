// SPDX-License-Identifier: Apache-2.0
// Memory that is about to be filled is taken at once, in large pages where the system has them. Otherwise each
// 4 KiB of it are a fault of their own, and on a virtual machine these cost more than reading the rows that go there.
#pragma once

#include <cstddef>

namespace backhaul::os {

// What is in use already stays as it is. Does nothing for less than a few MiB.
void take_at_once(const void* begin, std::size_t bytes);

// While this lives, so many bytes of the heap of this thread stand ready for what is allocated in small pieces; what
// nobody took goes back to the system at its end.
class HeapAhead {
 public:
  explicit HeapAhead(std::size_t bytes);
  ~HeapAhead();
  HeapAhead(const HeapAhead&) = delete;
  HeapAhead& operator=(const HeapAhead&) = delete;

 private:
  bool taken_ = false;
};

}  // namespace backhaul::os
