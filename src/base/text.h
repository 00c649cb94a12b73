// SPDX-License-Identifier: Apache-2.0
// A text that is kept in rows: read like a std::string_view, replaced as a whole. Rows are kept by the
// hundred thousand and copied by every step: an empty text costs a pointer, where a std::string takes
// 32 bytes whatever it holds, and copies share what they hold, also between threads.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace backhaul::base {

class Text {
 public:
  Text() = default;
  Text(std::string_view text) {
    if (text.empty()) return;
    shared_ = new (::operator new(sizeof(Shared) + text.size()))
        Shared{1, static_cast<std::uint32_t>(text.size())};
    text.copy(reinterpret_cast<char*>(shared_ + 1), text.size());
  }
  Text(const std::string& text) : Text(std::string_view(text)) {}
  Text(const char* text) : Text(std::string_view(text)) {}
  Text(const Text& other) noexcept : shared_(other.shared_) {
    if (shared_ != nullptr) shared_->users.fetch_add(1, std::memory_order_relaxed);
  }
  Text(Text&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
  Text& operator=(Text other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~Text() {
    if (shared_ != nullptr && shared_->users.fetch_sub(1, std::memory_order_acq_rel) == 1)
      ::operator delete(shared_);
  }

  std::string_view view() const {
    if (shared_ == nullptr) return {};
    return {reinterpret_cast<const char*>(shared_ + 1), shared_->size};
  }
  operator std::string_view() const { return view(); }
  operator std::string() const { return std::string(view()); }
  bool empty() const { return shared_ == nullptr; }

  friend bool operator==(const Text& a, const Text& b) { return a.view() == b.view(); }
  template <class Other>
    requires(std::convertible_to<const Other&, std::string_view> && !std::same_as<Other, Text>)
  friend bool operator==(const Text& a, const Other& b) {
    return a.view() == std::string_view(b);
  }
  friend std::string operator+(const Text& a, std::string_view b) {
    return std::string(a.view()).append(b);
  }
  friend std::string operator+(std::string_view a, const Text& b) {
    return std::string(a).append(b.view());
  }

 private:
  struct Shared {  // the text stands behind it
    std::atomic<std::uint32_t> users;
    std::uint32_t size;
  };
  Shared* shared_ = nullptr;  // null: empty
};

}  // namespace backhaul::base
