// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/group.h"

#include <utility>

#include "adapters/neighbours/own_file.h"
#include "core/introduction.h"
#include "os/hmac.h"

namespace backhaul::neighbours {
namespace {

// What is announced, and what is proven to anybody who asks, lets a secret be tried out at leisure: a word that
// somebody made up would be found.
constexpr std::size_t shortest_secret = 32;

}  // namespace

Group::Group(base::Secret secret) : secret_(std::move(secret)) {
  tag_ = os::hmac_sha256(secret_.reveal(), core::group_words).substr(0, core::group_digits);
}

base::Result<Group> Group::read(const std::string& path) {
  using base::Code;
  using base::Error;
  BH_TRY(std::optional<std::string> text, read_own_file(path, Whose::given));
  if (!text)
    return Error(Code::E_INVALIDARG, "Trust is group, and the secret of the group, " + path + ", is not there");
  // The end of a line is an editor's and no part of it.
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  const bool long_enough = text->size() >= shortest_secret;
  base::Secret secret = base::Secret::take(*text);
  if (!long_enough)
    return Error(Code::E_INVALIDARG,
                 path + " is no secret of " + std::to_string(shortest_secret) + " characters or more");
  return Group(std::move(secret));
}

std::string Group::prove(std::string_view words) const { return os::hmac_sha256(secret_.reveal(), words); }

}  // namespace backhaul::neighbours
