// SPDX-License-Identifier: Apache-2.0
// Verified pieces on their way from the session to those who serve them: threads that wait, and the loop that hands
// over.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace backhaul::swarmd {

class Pieces {
 public:
  using Octets = std::shared_ptr<const std::string>;
  // `ask`: has somebody fetch a piece, who then says arrived(); called on the thread that waits. `limit`: a reader that
  // gets nothing for so long is better off elsewhere.
  Pieces(std::function<void(std::uint32_t piece)> ask, std::chrono::milliseconds limit)
      : ask_(std::move(ask)), limit_(limit) {}

  // Any thread; waits. Null: it did not come in time, or will not come.
  Octets take(std::uint32_t piece);
  // Null: it cannot be had. What nobody waits for is not kept.
  void arrived(std::uint32_t piece, Octets octets);
  // Nothing comes any more; who waits is told.
  void close();

 private:
  struct Wait {
    std::uint32_t readers = 0;
    bool answered = false;
    Octets octets;
  };

  const std::function<void(std::uint32_t)> ask_;
  const std::chrono::milliseconds limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint32_t, Wait> waits_;
  bool closed_ = false;
};

}  // namespace backhaul::swarmd
