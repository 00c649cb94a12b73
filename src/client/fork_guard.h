// SPDX-License-Identifier: Apache-2.0
// A forked child has our memory but none of our threads: a lock may be held by a thread that does
// not exist there, and an answer will never come. So everything asks here before it takes a lock.
#pragma once

namespace backhaul::client {

// True in a child that was forked after the library was used first. Takes no lock.
bool in_forked_child();

// The socket `fd` is closed in forked children, so that the bus does not think that we live as long
// as they do. One number per slot; -1 for none.
class ForkedFd {
 public:
  ForkedFd();  // never freed: the list of slots is read between fork() and exec()
  void set(int fd);

 private:
  struct Node;
  Node* node_;
};

}  // namespace backhaul::client
