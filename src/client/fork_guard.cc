// SPDX-License-Identifier: Apache-2.0
#include "client/fork_guard.h"

#include <pthread.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>

namespace backhaul::client {

struct ForkedFd::Node {
  std::atomic<int> fd{-1};
  Node* next = nullptr;
};

namespace {

std::atomic<pid_t> owner{0};

}  // namespace

bool in_forked_child() {
  const pid_t self = getpid();
  pid_t known = 0;
  if (owner.compare_exchange_strong(known, self)) return false;
  return known != self;
}

ForkedFd::ForkedFd() : node_(new Node) {
  // Push only, and the handler runs in a child with one thread: no lock is needed to read it.
  static std::atomic<Node*> first{nullptr};
  static const int installed = pthread_atfork(nullptr, nullptr, [] {
    for (Node* node = first.load(); node != nullptr; node = node->next)
      if (const int fd = node->fd.load(); fd >= 0) close(fd);
  });
  static_cast<void>(installed);
  node_->next = first.load();
  while (!first.compare_exchange_weak(node_->next, node_)) {
  }
}

void ForkedFd::set(int fd) { node_->fd.store(fd); }

}  // namespace backhaul::client
