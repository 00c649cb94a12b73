// SPDX-License-Identifier: Apache-2.0
// Values that few jobs have: where there is none they cost a pointer. A hundred thousand jobs are kept
// in memory.
#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace backhaul::core {

// Like std::optional.
template <class T>
class Rare {
 public:
  Rare() = default;
  Rare(T value) : value_(std::make_unique<T>(std::move(value))) {}
  Rare(std::optional<T> value) {
    if (value) value_ = std::make_unique<T>(*std::move(value));
  }
  Rare(const Rare& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
  Rare(Rare&&) noexcept = default;
  Rare& operator=(Rare other) noexcept {
    value_ = std::move(other.value_);
    return *this;
  }

  explicit operator bool() const { return value_ != nullptr; }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }
  void reset() { value_.reset(); }
  bool operator==(const Rare& other) const {
    return value_ && other.value_ ? *value_ == *other.value_ : !value_ == !other.value_;
  }

 private:
  std::unique_ptr<T> value_;
};

// Seldom other than T(): it is always there to be read, and is changed through edit().
template <class T>
class Seldom {
 public:
  Seldom() = default;
  Seldom(T value) : value_(value == T() ? Rare<T>() : Rare<T>(std::move(value))) {}

  const T& operator*() const {
    // Made at run time and never destroyed. Compilers differ, with how they optimise, in whether T() itself is in the
    // image of the program; where such files are linked together, some would read it before anybody made it.
    static const T& usual = *new T{};
    return value_ ? *value_ : usual;
  }
  const T* operator->() const { return &**this; }
  operator const T&() const { return **this; }
  explicit operator bool() const { return static_cast<bool>(value_); }  // it may be another one
  T& edit() {
    if (!value_) value_ = T{};
    return *value_;
  }
  // One member of it; what is as usual again costs nothing again.
  template <class Member>
  void set(Member T::* member, std::type_identity_t<Member> value) {
    if ((**this).*member == value) return;
    edit().*member = std::move(value);
    if (*value_ == T()) value_.reset();
  }
  bool operator==(const Seldom& other) const { return **this == *other; }
  bool operator==(const T& other) const { return **this == other; }

 private:
  Rare<T> value_;
};

}  // namespace backhaul::core
