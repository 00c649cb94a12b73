// SPDX-License-Identifier: Apache-2.0
// A text that is nobody's business: a password, a header with a token. Every copy is wiped when it goes,
// and it has no way into a log or an error by accident: whoever needs the characters asks for them.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace backhaul::base {

// Whether functions that have returned may have left characters of a secret on the stack of this thread:
// locals, and registers that a call saved. Who handles secrets without a Secret says so itself.
inline thread_local bool stack_holds_secrets = false;

// Overwrites the stack below the caller where that may be so. Called where few frames are left: by a loop,
// between two events.
void wipe_stack();

// Overwrites what a std::string holds, the room behind its end included, and empties it.
inline void wipe(std::string& text) {
  if (!text.empty()) stack_holds_secrets = true;
  text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : text_(text) {}
  // Takes what the text holds, and leaves nothing of it there.
  static Secret take(std::string& text) {
    Secret secret{std::string_view(text)};
    wipe(text);
    return secret;
  }
  Secret(const Secret&) = default;
  // A short text lies within the object: moving it would leave a copy behind.
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { wipe(other.text_); }
  Secret& operator=(Secret other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~Secret() { wipe(text_); }

  std::string_view reveal() const { return text_; }
  const char* c_str() const { return text_.c_str(); }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

}  // namespace backhaul::base
