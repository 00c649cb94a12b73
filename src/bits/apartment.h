// SPDX-License-Identifier: Apache-2.0
// Who may call: the bookkeeping of CoInitializeEx, one record per thread. What a single-threaded
// apartment is beyond that stands in sta.h.
#ifndef SRC_BITS_APARTMENT_H
#define SRC_BITS_APARTMENT_H

namespace backhaul::bits {

// Whether this thread is in an apartment.
bool in_apartment();

// A thread of the library that runs code of the program: it counts as one of the multithreaded
// apartment, so that callbacks may create objects without further ado.
class CallbackScope {
 public:
  CallbackScope();
  ~CallbackScope();
  CallbackScope(const CallbackScope&) = delete;
  CallbackScope& operator=(const CallbackScope&) = delete;
};

}  // namespace backhaul::bits

#endif
