// SPDX-License-Identifier: Apache-2.0
// A key in memory: on a page of its own that is neither dumped nor swapped nor inherited. A process that
// has one makes no core dump at all from then on: what it opens with the key lies anywhere in its memory.
#pragma once

#include <cstdint>

#include "adapters/seal/aead.h"

namespace backhaul::seal {

class Key {
 public:
  Key();
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key();

  std::span<std::uint8_t, key_size> bytes() { return std::span<std::uint8_t, key_size>(bytes_, key_size); }
  KeyView view() const { return KeyView(bytes_, key_size); }

 private:
  std::uint8_t* bytes_;
};

}  // namespace backhaul::seal
