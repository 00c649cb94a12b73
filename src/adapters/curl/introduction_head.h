// SPDX-License-Identifier: Apache-2.0
// What whoever is asked to introduce himself answers, as lines of HTTP (docs/neighbours.md). Anything else is no
// answer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/http.h"

namespace backhaul::curl {

struct IntroductionAnswer {
  std::string nonce;
  std::string proof;

  bool operator==(const IntroductionAnswer&) const = default;
};

class IntroductionHead {
 public:
  // In the order in which they come. False: it says more than there is to say.
  bool line(std::string_view text);
  std::optional<IntroductionAnswer> answer() const;

 private:
  std::size_t bytes_ = 0;
  core::HeadParser parser_;  // its status
  bool twice_ = false;
  IntroductionAnswer said_;
};

}  // namespace backhaul::curl
